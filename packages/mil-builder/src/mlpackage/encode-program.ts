/** Programs from IR to model. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ArgumentError } from "../errors.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  Block,
  DictionaryLiteral,
  MilFunction,
  Operation,
  Program,
} from "../program.js";
import { scalar } from "../tensor-type.js";
import type {
  Argument_BindingSchema,
  ArgumentSchema,
  BlockSchema,
  FunctionSchema,
  NamedValueTypeSchema,
  OperationSchema,
  ProgramSchema,
} from "./proto/mil_program_pb.js";
import { sortedEntries } from "./sorted-entries.js";
import { encodeType } from "./type-codec.js";
import { encodeAttributes, encodeValue } from "./value-codec.js";
import { opsetName } from "./versions.js";

/** @throws ArgumentError if the program holds what has no form in a model */
export function encodeProgram({
  buildInfo,
  attributes = {},
  functions,
}: Program): MessageInitShape<typeof ProgramSchema> {
  const isBare = Object.keys(buildInfo).length === 0;
  return {
    version: 1n,
    functions: Object.fromEntries(functions.map((main) => [main.name, encodeFunction(main)])),
    attributes: encodeAttributes(
      isBare ? attributes : { ...attributes, buildInfo: dictionaryOf(buildInfo) },
    ),
  };
}

function encodeFunction({
  opset,
  inputs,
  operations,
  outputs,
  attributes = {},
}: MilFunction): MessageInitShape<typeof FunctionSchema> {
  const name = opsetName(opset);
  return {
    inputs: inputs.map(encodeNamed),
    opset: name,
    blockSpecializations: { [name]: encodeBlock({ inputs: [], operations, outputs }) },
    attributes: encodeAttributes(attributes),
  };
}

function encodeBlock({ inputs, operations, outputs }: Block): MessageInitShape<typeof BlockSchema> {
  return {
    inputs: inputs.map(encodeNamed),
    operations: operations.map(encodeOperation),
    outputs: outputs.map(({ name }) => name),
  };
}

function encodeOperation(operation: Operation): MessageInitShape<typeof OperationSchema> {
  const { type, opset, inputs, attributes, outputs, blocks = [] } = operation;
  const where = `${type} "${outputs[0]?.name ?? ""}"`;
  if (opset !== undefined) {
    throw new ArgumentError(
      `model: ${where}: ops have the opset of their function, got ${type}<${opset}>. Drop it or change the function's.`,
    );
  }
  const entries = sortedEntries(inputs).map(
    ([name, argument]) => [name, encodeArgument(argument, `${where}, "${name}"`)] as const,
  );
  return {
    type,
    inputs: Object.fromEntries(entries),
    outputs: outputs.map(encodeNamed),
    blocks: blocks.map(encodeBlock),
    attributes: encodeAttributes(attributes),
  };
}

function encodeArgument(
  argument: Argument,
  where: string,
): MessageInitShape<typeof ArgumentSchema> {
  const items = argument.kind === "tuple" ? argument.items : [argument];
  return { arguments: items.map((item) => encodeBinding(item, where)) };
}

function encodeBinding(
  argument: Argument,
  where: string,
): MessageInitShape<typeof Argument_BindingSchema> {
  if (argument.kind === "value") return { binding: { case: "name", value: argument.value.name } };
  if (argument.kind === "tuple") {
    throw new ArgumentError(
      `model: ${where}: arguments are values or tuples of them, got a tuple in a tuple. Flatten it.`,
    );
  }
  return { binding: { case: "value", value: encodeValue(argument) } };
}

function encodeNamed({ name, type }: AnyValue): MessageInitShape<typeof NamedValueTypeSchema> {
  return { name, type: encodeType(type) };
}

function dictionaryOf(record: Readonly<Record<string, string>>): DictionaryLiteral {
  const text = (value: string) =>
    ({ kind: "literal", type: scalar("string"), elements: [value] }) as const satisfies AnyConstant;
  return {
    kind: "dictionary",
    type: { kind: "dictionary", key: scalar("string"), value: scalar("string") },
    entries: sortedEntries(record).map(([key, value]) => [text(key), text(value)]),
  };
}
