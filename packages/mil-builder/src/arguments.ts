/** Questions about the arguments of an op: what they refer to, of which type, and whether they are known at compile time. */
import type { OpDefinition } from "./op-definition.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  LiteralElements,
  Operation,
  ValueType,
} from "./program.js";

/** An argument that is not a tuple. */
export type SingleArgument = Exclude<Argument, { readonly kind: "tuple" }>;

/** Compile-time values by SSA name; undefined: constant, but without a literal (results of constexpr ops). */
export type ConstantNames = ReadonlyMap<string, AnyConstant | undefined>;

/** The arguments of an op's parameters, wherever they are written; the attribute `name` is none. */
export function parametersOf(
  { type }: Pick<OpDefinition, "type">,
  { inputs, attributes }: Pick<Operation, "inputs" | "attributes">,
): Readonly<Record<string, Argument>> {
  if (!isCompileTime(type)) return inputs;
  const { name: _, ...parameters } = attributes;
  return { ...inputs, ...parameters };
}

/** True for const and the constexpr ops: their results are fixed when the program is compiled. */
export function isCompileTime(type: string): boolean {
  return type === "const" || type.startsWith("constexpr_");
}

/** The elements of a literal, or of the `const` that a value names. */
export function constantElements(
  argument: SingleArgument,
  constants: ConstantNames,
): LiteralElements | undefined {
  const constant = argument.kind === "value" ? constants.get(argument.value.name) : argument;
  return constant?.kind === "literal" ? constant.elements : undefined;
}

export function typeOf(argument: SingleArgument): ValueType {
  return argument.kind === "value" ? argument.value.type : argument.type;
}

/** All values that an argument refers to. */
export function valuesOf(argument: Argument): readonly AnyValue[] {
  if (argument.kind === "value") return [argument.value];
  return argument.kind === "tuple" ? argument.items.flatMap(valuesOf) : [];
}

/** True for inline constants and for names of compile-time values. */
export function isConstant(argument: Argument | undefined, constants: ConstantNames): boolean {
  if (argument === undefined || argument.kind === "tuple") return false;
  return argument.kind !== "value" || constants.has(argument.value.name);
}

/** All values that an op and the blocks in it refer to. */
export function referencesOf(operation: Operation): readonly AnyValue[] {
  const operands = operandsOf(operation);
  if (operation.blocks === undefined) return operands;
  const inner = operation.blocks.flatMap(({ operations, outputs }) => [
    ...operations.flatMap(referencesOf),
    ...outputs,
  ]);
  return [...operands, ...inner];
}

/** The values that are arguments of an op, in order. */
export function operandsOf({ inputs }: Operation): readonly AnyValue[] {
  const found: AnyValue[] = [];
  for (const name in inputs) {
    const argument = inputs[name]!;
    if (argument.kind === "value") found.push(argument.value);
    else if (argument.kind === "tuple") found.push(...valuesOf(argument));
  }
  return found;
}

/** The results of an op, and whatever the blocks in it define. */
export function definedValues({ outputs, blocks }: Operation): readonly AnyValue[] {
  if (blocks === undefined) return outputs;
  return [
    ...outputs,
    ...blocks.flatMap(({ inputs, operations }) => [
      ...inputs,
      ...operations.flatMap(definedValues),
    ]),
  ];
}
