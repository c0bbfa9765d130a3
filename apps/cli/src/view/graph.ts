/** A MIL function as a graph: one line per op, constants written where they are used. */
import type { AnyConstant, AnyValue, Argument, MilFunction } from "@ane/mil-builder";

export interface Graph {
  readonly function: string;
  readonly opset: string;
  /** Names and types. */
  readonly inputs: readonly Node[];
  readonly outputs: readonly string[];
  /** In order of computation, without constants. */
  readonly operations: readonly (Node & {
    readonly op: string;
    /** By parameter: the name of a value, or a constant as text. */
    readonly arguments: Readonly<Record<string, string>>;
  })[];
}

interface Node {
  readonly name: string;
  readonly type: string;
}

/** Constants with more elements are shown by name. */
const mostElements = 4;

export function describeGraph({ name, opset, inputs, operations, outputs }: MilFunction): Graph {
  const constants = new Map<string, AnyConstant | undefined>();
  for (const { type, attributes, outputs: results } of operations) {
    for (const value of results) if (type === "const") constants.set(value.name, attributes.val);
  }
  return {
    function: name,
    opset,
    inputs: inputs.map((value) => ({ name: value.name, type: typeText(value) })),
    operations: operations
      .filter(({ type }) => type !== "const")
      .map(({ type, inputs: given, outputs: results }) => ({
        op: type,
        name: results.map((value) => value.name).join(", "),
        type: results.map(typeText).join(", "),
        arguments: Object.fromEntries(
          Object.entries(given).map(([parameter, argument]) => [
            parameter,
            argumentText(argument, constants),
          ]),
        ),
      })),
    outputs: outputs.map((value) => value.name),
  };
}

export function formatGraph({ function: name, opset, inputs, operations, outputs }: Graph): string {
  const width = Math.max(...operations.map((operation) => operation.name.length), 0);
  const lines = operations.map((operation) => {
    const given = Object.entries(operation.arguments).map(([key, text]) => `${key}=${text}`);
    return `  ${operation.name.padEnd(width)} = ${operation.op}(${given.join(", ")})  ${operation.type}`;
  });
  const ports = inputs.map((input) => `${input.name}: ${input.type}`).join(", ");
  return [`${name}<${opset}>(${ports})`, ...lines, `  -> ${outputs.join(", ")}`].join("\n");
}

function typeText({ type }: AnyValue): string {
  if (type.kind !== "tensor") return type.kind;
  const dims = type.shape.map((dim) => (Number.isNaN(dim) ? "?" : dim));
  return dims.length === 0 ? type.dtype : `${type.dtype} [${dims.join(", ")}]`;
}

function argumentText(
  argument: Argument,
  constants: ReadonlyMap<string, AnyConstant | undefined>,
): string {
  switch (argument.kind) {
    case "tuple":
      return `(${argument.items.map((item) => argumentText(item, constants)).join(", ")})`;
    case "value": {
      const { name } = argument.value;
      return constantText(constants.get(name)) ?? name;
    }
    default:
      return constantText(argument) ?? argument.kind;
  }
}

/** A short literal, or the place of a weight; undefined for what is better shown by name. */
function constantText(constant: AnyConstant | undefined): string | undefined {
  if (constant?.kind === "blob") return `${constant.path}@${constant.offset}`;
  if (constant?.kind !== "literal" || constant.elements.length > mostElements) return undefined;
  const elements = Array.from(constant.elements as ArrayLike<unknown>, String).join(", ");
  return constant.type.shape.length === 0 ? elements : `[${elements}]`;
}
