/**
 * What the passes have in common: a pass maps a program to one that computes the same, function by function. Names and
 * types of inputs and outputs stay; programs must be valid (SSA names unique in their function).
 */
import { isCompileTime, valuesOf } from "../arguments.js";
import { opDefinition } from "../ops/table.js";
import type { AnyValue, Argument, MilFunction, Operation, Program } from "../program.js";

/** A pure function from a program to one that computes the same: to the program itself where there is nothing to do. */
export type Pass = (program: Program) => Program;

/** The program with every function mapped; the program itself if none changed. */
export function mapFunctions(program: Program, map: (main: MilFunction) => MilFunction): Program {
  const functions = program.functions.map(map);
  const changed = functions.some((main, index) => main !== program.functions[index]);
  return changed ? { ...program, functions } : program;
}

/**
 * True if the op does nothing but compute tensors from its arguments: it may be dropped, shared and moved. Not so for ops that
 * draw random numbers, access states or lists, hold blocks, have no results, or are not in the table.
 */
export function isPure({ type, inputs, outputs, blocks = [] }: Operation): boolean {
  if (type === "const") return true;
  return (
    opDefinition(type) !== undefined &&
    !type.startsWith("random_") &&
    blocks.length === 0 &&
    outputs.length > 0 &&
    outputs.every(isTensor) &&
    Object.values(inputs).every((argument) => valuesOf(argument).every(isTensor))
  );
}

function isTensor({ type }: AnyValue): boolean {
  return type.kind === "tensor";
}

/** True for const and constexpr ops: what they compute is decided when the program is compiled. */
export function isConstantOperation({ type }: Operation): boolean {
  return isCompileTime(type);
}

/** Names of all values that the op reads, those of its blocks included. */
export function namesRead({ inputs, blocks = [] }: Operation): string[] {
  const own = Object.values(inputs).flatMap((argument) =>
    valuesOf(argument).map(({ name }) => name),
  );
  const nested = blocks.flatMap(({ operations, outputs }) => [
    ...operations.flatMap(namesRead),
    ...outputs.map(({ name }) => name),
  ]);
  return [...own, ...nested];
}

/** Values by the name that they stand in for. */
export type Substitution = ReadonlyMap<string, AnyValue>;

/** The op reading other values; its results stay. In its blocks, names that they define themselves stay. */
export function substitute(operation: Operation, substitution: Substitution): Operation {
  if (!namesRead(operation).some((name) => substitution.has(name))) return operation;
  const inputs = Object.fromEntries(
    Object.entries(operation.inputs).map(([name, argument]) => [
      name,
      substituteArgument(argument, substitution),
    ]),
  );
  if (operation.blocks === undefined) return { ...operation, inputs };
  const blocks = operation.blocks.map((block) => {
    const own = [...block.inputs, ...block.operations.flatMap(({ outputs }) => outputs)];
    const rest = new Map(substitution);
    for (const { name } of own) rest.delete(name);
    return {
      ...block,
      operations: block.operations.map((nested) => substitute(nested, rest)),
      outputs: block.outputs.map((value) => rest.get(value.name) ?? value),
    };
  });
  return { ...operation, inputs, blocks };
}

function substituteArgument(argument: Argument, substitution: Substitution): Argument {
  if (argument.kind === "value") {
    return { kind: "value", value: substitution.get(argument.value.name) ?? argument.value };
  }
  if (argument.kind !== "tuple") return argument;
  return {
    kind: "tuple",
    items: argument.items.map((item) => substituteArgument(item, substitution)),
  };
}
