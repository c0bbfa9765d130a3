/**
 * Programs from model to IR. Names are resolved and must be defined once and before use; declared types are not compared with
 * what ops infer (`verify` does).
 */
import { opDefinition } from "../ops/table.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  Block,
  Immediate,
  MilFunction,
  Operation,
  Program,
} from "../program.js";
import { formatType } from "../tensor-type.js";
import { modelError } from "./package-error.js";
import type {
  Argument as ArgumentMessage,
  Block as BlockMessage,
  Function as FunctionMessage,
  NamedValueType,
  Operation as OperationMessage,
  Program as ProgramMessage,
} from "./proto/mil_program_pb.js";
import { decodeType } from "./type-codec.js";
import { decodeAttributes, decodeValue } from "./value-codec.js";
import { opsetOfName } from "./versions.js";

/** @throws FormatError (ERR_MLPACKAGE) naming the field */
export function decodeProgram(message: ProgramMessage): Omit<Program, "version"> {
  if (message.version !== 1n) {
    throw modelError("mlProgram.version", "the version is 1", `${message.version}`);
  }
  const field = "mlProgram.attributes";
  const { buildInfo, ...attributes } = decodeAttributes(message.attributes, field);
  const functions = Object.entries(message.functions).map(([name, main]) =>
    decodeFunction(name, main, `mlProgram.functions["${name}"]`),
  );
  return {
    buildInfo: buildInfo === undefined ? {} : recordOf(buildInfo, `${field}["buildInfo"]`),
    ...optionalAttributes(attributes),
    functions,
  };
}

function decodeFunction(name: string, message: FunctionMessage, field: string): MilFunction {
  const { blockSpecializations } = message;
  const opset = opsetOfName(message.opset);
  if (opset === undefined) {
    throw modelError(`${field}.opset`, "the opset is CoreML5 to CoreML9", `"${message.opset}"`);
  }
  const keys = Object.keys(blockSpecializations);
  const block = blockSpecializations[message.opset];
  if (block === undefined || keys.length !== 1) {
    const rule = `one block, that of ${message.opset}`;
    throw modelError(`${field}.block_specializations`, rule, `[${keys.join(", ")}]`);
  }
  const scope = new Scope();
  const inputs = message.inputs.map((input, index) =>
    scope.define(input, `${field}.inputs[${index}]`),
  );
  const place = `${field}.block_specializations["${message.opset}"]`;
  if (block.inputs.length > 0) {
    const rule = "inputs belong to the function";
    throw modelError(`${place}.inputs`, rule, `${block.inputs.length} of its block`);
  }
  const { operations, outputs } = decodeBlock(block, scope, place);
  const attributes = decodeAttributes(message.attributes, `${field}.attributes`);
  return { name, opset, inputs, ...optionalAttributes(attributes), operations, outputs };
}

/** Values by name; those of the blocks around are visible, but their names are taken as well. */
class Scope {
  readonly #values = new Map<string, AnyValue>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  find(name: string): AnyValue | undefined {
    return this.#values.get(name) ?? this.#outer?.find(name);
  }

  define({ name, type }: NamedValueType, field: string): AnyValue {
    if (this.find(name) !== undefined) {
      throw modelError(`${field}.name`, "a value has a name of its own", `"${name}" again`);
    }
    const value = { name, type: decodeType(type, `${field}.type`) };
    this.#values.set(name, value);
    return value;
  }

  use(name: string, field: string): AnyValue {
    const value = this.find(name);
    if (value !== undefined) return value;
    throw modelError(field, "values are defined before they are used", `"${name}"`);
  }
}

function decodeBlock(message: BlockMessage, scope: Scope, field: string): Block {
  const attributes = Object.keys(message.attributes);
  if (attributes.length > 0) {
    const rule = "attributes of blocks are not known";
    throw modelError(`${field}.attributes`, rule, attributes.join(", "));
  }
  const inputs = message.inputs.map((input, index) =>
    scope.define(input, `${field}.inputs[${index}]`),
  );
  const operations = message.operations.map((operation, index) =>
    decodeOperation(operation, scope, `${field}.operations[${index}]`),
  );
  const outputs = message.outputs.map((name, index) =>
    scope.use(name, `${field}.outputs[${index}]`),
  );
  return { inputs, operations, outputs };
}

function decodeOperation(message: OperationMessage, scope: Scope, field: string): Operation {
  const { type } = message;
  const inputs = Object.entries(message.inputs).map(([name, argument]) => {
    const place = `${field}.inputs["${name}"]`;
    return [name, decodeArgument(argument, takesTuple(type, name), scope, place)] as const;
  });
  const attributes = decodeAttributes(message.attributes, `${field}.attributes`);
  const blocks = message.blocks.map((block, index) =>
    decodeBlock(block, new Scope(scope), `${field}.blocks[${index}]`),
  );
  const outputs = message.outputs.map((output, index) =>
    scope.define(output, `${field}.outputs[${index}]`),
  );
  return {
    type,
    inputs: Object.fromEntries(inputs),
    attributes,
    outputs,
    ...(blocks.length > 0 ? { blocks } : {}),
  };
}

const TUPLE_KINDS: ReadonlySet<string> = new Set([
  "tuple",
  "any_tuple",
  "integer_tuple",
  "flag_tuple",
]);

/** A tuple of one looks like its item: only the op tells which it is. */
function takesTuple(type: string, parameter: string): boolean {
  const inputs = opDefinition(type)?.inputs;
  if (inputs === undefined || !Object.hasOwn(inputs, parameter)) return false;
  return TUPLE_KINDS.has(inputs[parameter]!.kind);
}

function decodeArgument(
  message: ArgumentMessage,
  isTuple: boolean,
  scope: Scope,
  field: string,
): Argument {
  const items = message.arguments.map(({ binding }, index): Argument => {
    const place = `${field}.arguments[${index}]`;
    if (binding.case === "name") {
      return { kind: "value", value: scope.use(binding.value, `${place}.name`) };
    }
    if (binding.case === "value") return decodeValue(binding.value, `${place}.value`);
    throw modelError(place, "an argument is a name or a value", "neither");
  });
  const [first] = items;
  if (first !== undefined && items.length === 1 && !isTuple) return first;
  return { kind: "tuple", items };
}

function optionalAttributes(
  attributes: Readonly<Record<string, AnyConstant>>,
): Pick<Program, "attributes"> {
  return Object.keys(attributes).length === 0 ? {} : { attributes };
}

/** A dictionary of strings. */
function recordOf(constant: AnyConstant, field: string): Readonly<Record<string, string>> {
  if (constant.kind !== "dictionary" || formatType(constant.type) !== "dict<string, string>") {
    throw modelError(field, "buildInfo is a dict<string, string>", formatType(constant.type));
  }
  return Object.fromEntries(constant.entries.map(([key, value]) => [textOf(key), textOf(value)]));
}

function textOf(constant: Immediate): string {
  return constant.kind === "literal" ? String(constant.elements[0]) : "";
}
