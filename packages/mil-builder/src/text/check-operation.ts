/** Checks of one statement against the definition of its op: parameters in their place, results of the inferred types. */
import { type ConstantNames, isCompileTime, parametersOf } from "../arguments.js";
import { ShapeError } from "../errors.js";
import { inferOperation } from "../infer-operation.js";
import type { OpDefinition } from "../op-definition.js";
import type { Argument, Operation, Opset, ValueType } from "../program.js";
import { compatibleTypes, formatType, isStaticShape } from "../tensor-type.js";
import type { TokenReader } from "./token-reader.js";

/** A statement as read. */
export interface Statement {
  readonly operation: Operation;
  readonly definition: OpDefinition;
  readonly opset: Opset;
  readonly constants: ConstantNames;
  /** Where the op type stands, and where the name of each result. */
  readonly start: number;
  readonly resultStarts: readonly number[];
}

/** Parameters stand in () or, for const and constexpr ops, in []; beside them, [] holds the op's name. */
export function checkPlacement(reader: TokenReader, { operation, start }: Statement): void {
  const { type, inputs, attributes } = operation;
  const { name, ...others } = attributes;
  const misplaced = type === "const" ? inputs : isCompileTime(type) ? {} : others;
  for (const parameter in misplaced) {
    const rule = `${type} has its parameters in ${type === "const" ? "[]" : "()"}`;
    throw reader.error("ERR_MIL_SYNTAX", start, rule, `"${parameter}" elsewhere`);
  }
  for (const parameter in others) {
    if (type === "const" && parameter !== "val") {
      const rule = "const has the attributes name and val";
      throw reader.error("ERR_MIL_TYPE", start, rule, `"${parameter}"`);
    }
    if (Object.hasOwn(inputs, parameter)) throw reader.duplicate(start, "a parameter", parameter);
  }
  if (name !== undefined && formatType(name.type) !== "string") {
    const rule = 'the attribute "name" is a string';
    throw reader.error("ERR_MIL_TYPE", start, rule, formatType(name.type));
  }
}

/** @throws FormatError unless the results are declared with the types that the definition infers */
export function checkTypes(reader: TokenReader, statement: Statement): void {
  const { operation, start, resultStarts } = statement;
  const { type, outputs } = operation;
  const inferred = infer(reader, statement);
  if (inferred === undefined) return;
  if (inferred.length !== outputs.length) {
    const rule = `${type} has ${inferred.length} results here`;
    throw reader.error("ERR_MIL_TYPE", start, rule, `${outputs.length}`);
  }
  outputs.forEach((output, index) => {
    if (compatibleTypes(inferred[index]!, output.type)) return;
    const expected = formatType(inferred[index]!);
    const rule = `"${output.name}" has the type that ${type} infers, ${expected}`;
    const actual = formatType(output.type);
    throw reader.error("ERR_MIL_TYPE", resultStarts[index]!, rule, actual, { expected });
  });
}

/** Types of the results; undefined where a rule cannot be checked because dims of the operands are unknown. */
function infer(
  reader: TokenReader,
  { operation, definition, opset, constants, start }: Statement,
): readonly ValueType[] | undefined {
  const { type, inputs, attributes, outputs } = operation;
  // Most statements of most programs: no need to bind parameters.
  if (type === "const" && attributes.val !== undefined) return [attributes.val.type];
  try {
    return inferOperation({
      definition,
      where: outputs[0] === undefined ? type : `${type} "${outputs[0].name}"`,
      opset,
      arguments: parametersOf(definition, operation),
      constants,
    });
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    if (!isStatic(Object.values(inputs))) return undefined;
    const rule = `${error.op}: ${error.rule}`;
    const details = { expected: error.expected, cause: error };
    throw reader.error("ERR_MIL_TYPE", start, rule, error.actual, details);
  }
}

/** True if all dims of the tensors among the arguments are known. */
function isStatic(args: readonly Argument[]): boolean {
  return args.every((argument) => {
    if (argument.kind === "tuple") return isStatic(argument.items);
    const type = argument.kind === "value" ? argument.value.type : argument.type;
    return type.kind !== "tensor" || isStaticShape(type.shape);
  });
}

/** The arguments with tuples of one, which are written without parentheses, made tuples. */
export function wrapTuples(
  definition: OpDefinition,
  inputs: Readonly<Record<string, Argument>>,
): Readonly<Record<string, Argument>> {
  let wrapped = inputs;
  for (const name in inputs) {
    const argument = inputs[name]!;
    const spec = Object.hasOwn(definition.inputs, name) ? definition.inputs[name] : undefined;
    if (spec?.kind.endsWith("tuple") && argument.kind !== "tuple") {
      wrapped = { ...wrapped, [name]: { kind: "tuple", items: [argument] } };
    }
  }
  return wrapped;
}
