/**
 * Constant folding: a pure op whose arguments are all written in the program becomes the constants that it computes, if these
 * have `maxElements` elements or fewer. Every result is rounded once to its dtype, as the interpreter's fp16 numerics do:
 * results under those stay bit-equal, under float64 they then contain that one rounding. Compressed weights (constexpr ops),
 * blobs, and results that the function returns stay as they are.
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             fp16 heads = const()[val = fp16(64)];
 *             fp16 exponent = const()[val = fp16(-0.5)];
 *             fp16 scale = pow(x = heads, y = exponent);
 *             tensor<fp16, [1, 4]> y = mul(x = x, y = scale);
 *         } -> (y);
 *
 * After (dead code removal then drops what nobody reads):
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             fp16 heads = const()[val = fp16(64)];
 *             fp16 exponent = const()[val = fp16(-0.5)];
 *             fp16 scale = const()[name = string("scale"), val = fp16(0.125)];
 *             tensor<fp16, [1, 4]> y = mul(x = x, y = scale);
 *         } -> (y);
 */
import { DTYPES, isWideInteger } from "../dtype.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { interpret } from "../interpret.js";
import { opDefinition } from "../ops/table.js";
import type { Argument, Literal, LiteralElements, Operation, Program } from "../program.js";
import type { Tensor } from "../tensor.js";
import { elementCount } from "../tensor-type.js";
import { isConstantOperation, isPure, mapFunctions } from "./pass.js";
import { constantOperation, KEEP, type RewriteScope, rewriteFunction } from "./rewrite.js";

/** How far constants are folded. */
export interface FoldOptions {
  /** Largest result that is written into the program. Default 1024. */
  readonly maxElements?: number;
}

/** Computes what does not depend on the function's inputs. */
export function foldConstants(program: Program, options: FoldOptions = {}): Program {
  const { maxElements = 1024 } = options;
  return mapFunctions(program, (main) =>
    rewriteFunction(main, (operation, scope) => {
      if (scope.isReturned(operation) || !isFoldable(operation, maxElements)) return KEEP;
      const known = literalArguments(operation, scope);
      const results = known && evaluate(known, scope);
      if (results === undefined) return KEEP;
      const operations = results.map((result, index) =>
        constantOperation(operation.outputs[index]!, literalOf(result)),
      );
      return { operations };
    }),
  );
}

function isFoldable(operation: Operation, maxElements: number): boolean {
  return (
    !isConstantOperation(operation) &&
    isPure(operation) &&
    // False for unknown dims, whose element count is NaN.
    operation.outputs.every(
      ({ type }) => type.kind === "tensor" && elementCount(type.shape) <= maxElements,
    )
  );
}

/** The op with literals in place of the constants that it names; undefined if an argument is computed or in a blob. */
function literalArguments(operation: Operation, scope: RewriteScope): Operation | undefined {
  const inputs: Record<string, Argument> = {};
  for (const [name, argument] of Object.entries(operation.inputs)) {
    const known = literalArgument(argument, scope);
    if (known === undefined) return undefined;
    inputs[name] = known;
  }
  return { ...operation, inputs };
}

function literalArgument(argument: Argument, scope: RewriteScope): Argument | undefined {
  if (argument.kind !== "tuple") return scope.literal(argument);
  const items = argument.items.map((item) => literalArgument(item, scope));
  return items.every((item) => item !== undefined) ? { kind: "tuple", items } : undefined;
}

/** The op's results in the order of its outputs; undefined where the interpreter refuses it, which then is for run time to say. */
function evaluate(operation: Operation, { opset }: RewriteScope): readonly Tensor[] | undefined {
  if (opDefinition(operation.type, operation.opset ?? opset)?.evaluate === undefined) {
    return undefined;
  }
  const { outputs } = operation;
  const main = { name: "main", opset, inputs: [], operations: [operation], outputs };
  try {
    const program: Program = { version: "1.3", buildInfo: {}, functions: [main] };
    const results = interpret(program, {}, { numerics: "fp16" });
    return outputs.map(({ name }) => results[name]!);
  } catch (error) {
    if (error instanceof ArgumentError || error instanceof ShapeError) return undefined;
    throw error;
  }
}

/** The tensor as a literal; its elements are values of its dtype already. */
function literalOf({ type, data }: Tensor): Literal {
  return { kind: "literal", type, elements: elementsOf(type.dtype, data) };
}

function elementsOf(dtype: Literal["type"]["dtype"], data: Float64Array): LiteralElements {
  switch (DTYPES[dtype].kind) {
    case "bool":
      return Array.from(data, Boolean);
    case "signed":
    case "unsigned":
      return isWideInteger(dtype) ? Array.from(data, BigInt) : Int32Array.from(data);
    default:
      return data;
  }
}
