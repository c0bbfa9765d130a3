/**
 * Transposes and reshapes: an op that leaves its tensor as it is (identity included) is dropped; transposes in a row become
 * one or cancel; reshape, squeeze and expand_dims in a row become one reshape or cancel. Where that leaves a reshape before a
 * matmul, `verify` says so (rule matmul-view).
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [2, 3, 4]> x) {
 *             tensor<int32, [3]> cycle = const()[val = tensor<int32, [3]>([1, 2, 0])];
 *             tensor<fp16, [3, 4, 2]> once = transpose(perm = cycle, x = x);
 *             tensor<fp16, [4, 2, 3]> twice = transpose(perm = cycle, x = once);
 *             tensor<fp16, [2, 3, 4]> thrice = transpose(perm = cycle, x = twice);
 *             tensor<fp16, [2, 3, 4]> a = relu(x = thrice);
 *             tensor<fp16, [4, 2, 3]> b = relu(x = twice);
 *         } -> (a, b);
 *
 * After (dead code removal then drops what nobody reads):
 *
 *     func main<ios18>(tensor<fp16, [2, 3, 4]> x) {
 *             tensor<int32, [3]> cycle = const()[val = tensor<int32, [3]>([1, 2, 0])];
 *             tensor<fp16, [3, 4, 2]> once = transpose(perm = cycle, x = x);
 *             tensor<int32, [3]> twice_perm = const()[name = string("twice_perm"), val = tensor<int32, [3]>([2, 0, 1])];
 *             tensor<fp16, [4, 2, 3]> twice = transpose(perm = twice_perm, x = x);
 *             tensor<fp16, [2, 3, 4]> a = relu(x = x);
 *             tensor<fp16, [4, 2, 3]> b = relu(x = twice);
 *         } -> (a, b);
 */
import type { Argument, Operation, Program } from "../program.js";
import { isStaticShape, sameType, tensor } from "../tensor-type.js";
import { mapFunctions } from "./pass.js";
import { KEEP, type Rewrite, type RewriteScope, rewriteFunction } from "./rewrite.js";

const VIEWS = ["reshape", "squeeze", "expand_dims"];

/** Composes and cancels ops that only move elements. */
export function simplifyShapes(program: Program): Program {
  return mapFunctions(program, (main) =>
    rewriteFunction(main, (operation, scope) => {
      const { type } = operation;
      if (type === "identity") return inPlace(operation, operation.inputs.x!);
      if (type === "transpose") return simplifyTranspose(operation, scope);
      return VIEWS.includes(type) ? simplifyView(operation, scope) : KEEP;
    }),
  );
}

/** `source` in place of the op's result, if it is a value of the same type. */
function inPlace(operation: Operation, source: Argument): Rewrite {
  const isSame = source.kind === "value" && sameType(source.value.type, operation.outputs[0]!.type);
  return isSame ? { values: [source.value] } : KEEP;
}

function simplifyTranspose(operation: Operation, scope: RewriteScope): Rewrite {
  const outer = permutation(operation, scope);
  if (outer === undefined) return KEEP;
  const inner = scope.producer(operation.inputs.x);
  const first = inner?.type === "transpose" ? permutation(inner, scope) : undefined;
  const perm = first === undefined ? outer : outer.map((axis) => first[axis]!);
  const source = first === undefined ? operation.inputs.x! : inner!.inputs.x!;
  const isIdentity = perm.every((axis, index) => axis === index);
  const rewrite = isIdentity ? inPlace(operation, source) : KEEP;
  if (first === undefined || isDropped(rewrite, operation, scope)) return rewrite;
  return { ...rewrite, operations: readFrom(operation, source, "transpose", "perm", perm, scope) };
}

function isDropped({ values }: Rewrite, operation: Operation, scope: RewriteScope): boolean {
  return values !== undefined && !scope.isReturned(operation);
}

/** Axes of x from 0, in the order of the result; undefined if the program computes them. */
function permutation({ inputs }: Operation, scope: RewriteScope): readonly number[] | undefined {
  const literal = scope.literal(inputs.perm);
  if (literal === undefined) return undefined;
  const perm = Array.from(literal.elements as ArrayLike<number>, Number);
  return perm.map((axis) => (axis < 0 ? axis + perm.length : axis));
}

function simplifyView(operation: Operation, scope: RewriteScope): Rewrite {
  const { type } = operation.outputs[0]!;
  if (type.kind !== "tensor" || !isStaticShape(type.shape)) return KEEP;
  const source = beforeViews(operation.inputs.x!, scope);
  const rewrite = inPlace(operation, source);
  // A vector of no elements is no tensor: nothing can be reshaped to a scalar.
  const isShorter = source !== operation.inputs.x && type.shape.length > 0;
  if (!isShorter || isDropped(rewrite, operation, scope)) return rewrite;
  const operations = readFrom(operation, source, "reshape", "shape", type.shape, scope);
  return { ...rewrite, operations };
}

/** What a chain of views starts from. */
function beforeViews(argument: Argument, scope: RewriteScope): Argument {
  let source = argument;
  for (;;) {
    const producer = scope.producer(source);
    if (producer === undefined || !VIEWS.includes(producer.type)) return source;
    source = producer.inputs.x!;
  }
}

/** The op's result computed from `source` by one op, and the constant that is its parameter. */
function readFrom(
  operation: Operation,
  source: Argument,
  type: "transpose" | "reshape",
  parameter: "perm" | "shape",
  vector: readonly number[],
  scope: RewriteScope,
): readonly Operation[] {
  const constant = scope.constant(`${operation.outputs[0]!.name}_${parameter}`, {
    kind: "literal",
    type: tensor("int32", [vector.length]),
    elements: Int32Array.from(vector),
  });
  const value = { kind: "value", value: constant.outputs[0]! } as const;
  const shorter = { ...operation, type, inputs: { x: source, [parameter]: value } };
  return [constant, shorter];
}
