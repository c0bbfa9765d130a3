/**
 * Program text, laid out as Apple's compiler prints it: arguments and attributes sorted by name, 4/12/8 spaces, no newline
 * at the end. `parse` is the inverse.
 */
import { DTYPES } from "./dtype.js";
import { FormatError } from "./errors.js";
import { formatHexFloat } from "./float-text.js";
import type {
  Argument,
  Constant,
  DType,
  Literal,
  MilFunction,
  Operation,
  Program,
  TensorType,
  Value,
} from "./program.js";
import { formatShape } from "./tensor-type.js";

type Dialect = Program["version"];

/** How a program is printed. */
export interface PrintOptions {
  /** How scalars are spelled: `fp16` (1.3) or `tensor<fp16, []>` (1.0). Default: the program's own. */
  readonly dialect?: Dialect;
}

/** The program as text. @throws FormatError if a string holds a quote, a backslash or a line break. */
export function print(program: Program, { dialect = program.version }: PrintOptions = {}): string {
  const writer = new Writer(dialect);
  const functions = program.functions.map((main) => writer.function(main));
  return [`program(${dialect})`, writer.buildInfo(program.buildInfo), "{", ...functions, "}"].join(
    "\n",
  );
}

class Writer {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  buildInfo(info: Readonly<Record<string, string>>): string {
    const text = this.#scalarType("string");
    const entries = sortedEntries(info).map(([key, value]) => `{${quoted(key)}, ${quoted(value)}}`);
    return `[buildInfo = dict<${text}, ${text}>({${entries.join(", ")}})]`;
  }

  function({ name, opset, inputs, operations, outputs }: MilFunction): string {
    const names = outputs.map((output) => output.name).join(", ");
    return [
      `    func ${name}<${opset}>(${this.#declarations(inputs)}) {`,
      ...operations.map((operation) => `            ${this.#operation(operation)}`),
      `        } -> (${names});`,
    ].join("\n");
  }

  #operation({ type, inputs, attributes, outputs }: Operation): string {
    const results = outputs.length === 0 ? "" : `${this.#declarations(outputs)} = `;
    const given = sortedEntries(inputs).map(
      ([name, value]) => `${name} = ${this.#argument(value)}`,
    );
    const rest = sortedEntries(attributes).map(
      ([name, value]) => `${name} = ${this.#constant(value)}`,
    );
    const list = rest.length === 0 ? "" : `[${rest.join(", ")}]`;
    return `${results}${type}(${given.join(", ")})${list};`;
  }

  #declarations(values: readonly Value[]): string {
    return values.map(({ name, type }) => `${this.#type(type)} ${name}`).join(", ");
  }

  /** A tuple of one is written like its only item. */
  #argument(argument: Argument): string {
    if (argument.kind === "value") return argument.value.name;
    if (argument.kind !== "tuple") return this.#constant(argument);
    const items = argument.items.map((item) => this.#argument(item));
    return items.length === 1 ? items[0]! : `(${items.join(", ")})`;
  }

  #constant(constant: Constant): string {
    if (constant.kind === "literal") {
      return `${this.#type(constant.type)}(${literalText(constant)})`;
    }
    const path = `${this.#scalarType("string")}(${quoted(constant.path)})`;
    const offset = `${this.#scalarType("uint64")}(${constant.offset})`;
    return `${this.#type(constant.type)}(BLOBFILE(path = ${path}, offset = ${offset}))`;
  }

  #type({ dtype, shape }: TensorType): string {
    return shape.length === 0 ? this.#scalarType(dtype) : `tensor<${dtype}, ${formatShape(shape)}>`;
  }

  #scalarType(dtype: DType): string {
    return this.#dialect === "1.0" ? `tensor<${dtype}, []>` : dtype;
  }
}

/** Elements in nested brackets, one level per dimension. */
function literalText({ type, elements }: Literal): string {
  const spell = speller(type.dtype);
  let texts = Array.from<Element, string>(elements as ArrayLike<Element>, spell);
  for (const dim of [...type.shape].reverse()) texts = grouped(texts, dim);
  return texts[0]!;
}

function grouped(texts: readonly string[], size: number): string[] {
  const groups: string[] = [];
  for (let start = 0; start < texts.length; start += size) {
    groups.push(`[${texts.slice(start, start + size).join(", ")}]`);
  }
  return groups;
}

type Element = number | bigint | boolean | string;

function speller(dtype: DType): (element: Element) => string {
  const { kind } = DTYPES[dtype];
  if (kind === "float") return (element) => formatHexFloat(Number(element));
  return kind === "string" ? (element) => quoted(String(element)) : String;
}

/** The language has no known escapes, so such characters cannot be written at all. */
function quoted(text: string): string {
  if (/["\\\n\r]/.test(text)) {
    throw new FormatError(
      "ERR_MIL_UNSUPPORTED",
      `print: strings hold no quotes, backslashes or line breaks, got ${JSON.stringify(text)}. Rename it.`,
    );
  }
  return `"${text}"`;
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
