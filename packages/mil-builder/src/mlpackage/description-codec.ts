/**
 * The description of a model: the ports of its functions in their order, and metadata. A model of one function "main" has them
 * in the description itself, any other per function.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AnyValue, MilFunction } from "../program.js";
import { checkFeature, encodeInput, encodeOutput } from "./feature-codec.js";
import {
  FLEXIBLE_SHAPES,
  flexibleShapesAttribute,
  parseFlexibleShapes,
  type ShapeFlexibility,
} from "./flexible-shapes.js";
import { modelError } from "./package-error.js";
import type {
  FeatureDescription,
  MetadataSchema,
  ModelDescription,
  ModelDescriptionSchema,
} from "./proto/model_pb.js";

type DescriptionInit = MessageInitShape<typeof ModelDescriptionSchema>;

/** @throws ArgumentError if Core ML has no such ports */
export function encodeDescription(
  functions: readonly MilFunction[],
  defaultFunction: string,
  metadata: MessageInitShape<typeof MetadataSchema> | undefined,
): DescriptionInit {
  const about = metadata === undefined ? {} : { metadata };
  const [only] = functions;
  if (only !== undefined && isPlain(functions)) return { ...encodePorts(only), ...about };
  return {
    functions: functions.map((main) => ({ name: main.name, ...encodePorts(main) })),
    defaultFunctionName: defaultFunction,
    ...about,
  };
}

function encodePorts({ inputs, outputs, attributes = {} }: MilFunction) {
  const attribute = attributes[FLEXIBLE_SHAPES];
  const flexible = attribute === undefined ? new Map() : parseFlexibleShapes(attribute);
  const encode = (value: AnyValue) => encodeInput(value, flexible.get(value.name));
  return {
    input: inputs.filter(({ type }) => type.kind !== "state").map(encode),
    state: inputs.filter(({ type }) => type.kind === "state").map(encode),
    output: outputs.map(encodeOutput),
  };
}

/** True if the description itself describes the function. */
function isPlain(functions: readonly { readonly name: string }[]): boolean {
  return functions.length === 1 && functions[0]!.name === "main";
}

/** The function without what the description says. */
export function withoutFlexibleShapes(main: MilFunction): MilFunction {
  const { attributes = {}, ...rest } = main;
  const { [FLEXIBLE_SHAPES]: flexible, ...others } = attributes;
  if (flexible === undefined) return main;
  return Object.keys(others).length === 0 ? rest : { ...rest, attributes: others };
}

/**
 * The functions with what the description adds to them, in its order.
 * @throws FormatError (ERR_MLPACKAGE) if they are at odds
 */
export function applyDescription(
  functions: readonly MilFunction[],
  description: ModelDescription | undefined,
): readonly MilFunction[] {
  const field = "description";
  if (description === undefined) {
    throw modelError(field, "a model describes its inputs and outputs", "nothing");
  }
  if (description.functions.length === 0) {
    const { input, output, state } = description;
    const [only] = functions;
    if (only === undefined || functions.length > 1) {
      const rule = "a model with several functions describes each";
      throw modelError(`${field}.functions`, rule, "none");
    }
    return [applyPorts(only, { input, output, state }, field)];
  }
  const described = description.functions.map((ports, index) => {
    const place = `${field}.functions[${index}]`;
    const main = functions.find(({ name }) => name === ports.name);
    if (main === undefined) {
      throw modelError(`${place}.name`, "the program has the function", `"${ports.name}"`);
    }
    return applyPorts(main, ports, place);
  });
  const isEach = new Set(described.map(({ name }) => name)).size === functions.length;
  if (!isEach || described.length !== functions.length) {
    const rule = `each of ${functions.length} functions is described once`;
    throw modelError(`${field}.functions`, rule, `${described.length} descriptions`);
  }
  if (!functions.some(({ name }) => name === description.defaultFunctionName)) {
    const actual = `"${description.defaultFunctionName}"`;
    throw modelError(`${field}.defaultFunctionName`, "the program has the function", actual);
  }
  return described;
}

interface Ports {
  readonly input: readonly FeatureDescription[];
  readonly output: readonly FeatureDescription[];
  readonly state: readonly FeatureDescription[];
}

function applyPorts(main: MilFunction, ports: Ports, field: string): MilFunction {
  const states = main.inputs.filter(({ type }) => type.kind === "state");
  const inputs = main.inputs.filter(({ type }) => type.kind !== "state");
  const flexible = new Map<string, ShapeFlexibility>();
  match(ports.input, inputs, `${field}.input`, (message, value, place) => {
    const flexibility = checkFeature(message, value, "input", place);
    if (flexibility !== undefined) flexible.set(value.name, flexibility);
  });
  match(ports.state, states, `${field}.state`, (message, value, place) => {
    checkFeature(message, value, "state", place);
  });
  match(ports.output, main.outputs, `${field}.output`, (message, value, place) => {
    checkFeature(message, value, "output", place);
  });
  if (flexible.size === 0) return main;
  const attribute = flexibleShapesAttribute(flexible);
  return { ...main, attributes: { ...main.attributes, [FLEXIBLE_SHAPES]: attribute } };
}

/** Ports by name: the order is a convention only. */
function match(
  messages: readonly FeatureDescription[],
  values: readonly AnyValue[],
  field: string,
  check: (message: FeatureDescription, value: AnyValue, place: string) => void,
): void {
  const names = (list: readonly { readonly name: string }[]) =>
    `[${list.map(({ name }) => name).join(", ")}]`;
  if (messages.length !== values.length) {
    throw modelError(field, `the program's ${names(values)}`, names(messages));
  }
  messages.forEach((message, index) => {
    const value = values.find(({ name }) => name === message.name);
    if (value === undefined)
      throw modelError(field, `the program's ${names(values)}`, names(messages));
    check(message, value, `${field}[${index}]`);
  });
}
