/**
 * Program text. The canonical layout is that of Apple's compiler: arguments and attributes sorted by name, 4/12/8 spaces,
 * floats in hexadecimal, no newline at the end. `parse` is the inverse, whatever the layout and dialect.
 */
import { FormatError } from "../errors.js";
import { sortedNames } from "../names.js";
import type {
  AnyValue,
  Argument,
  Attributes,
  DictionaryLiteral,
  Literal,
  MilFunction,
  Operation,
  Program,
} from "../program.js";
import { formatDecimal, formatHexFloat } from "./float-text.js";
import { ConstantPrinter, type FloatSpeller } from "./print-constant.js";

/** How a program is printed. */
export interface PrintOptions {
  /** How scalars are spelled: `fp16` (1.3) or `tensor<fp16, []>` (1.0). Default: the program's own. */
  readonly dialect?: Program["version"];
  /**
   * "canonical": byte for byte as Apple's compiler prints it. "readable": the same with floats in decimal, as short as they
   * can be read back. Default "canonical".
   */
  readonly layout?: "canonical" | "readable";
}

/**
 * The program as text.
 * @throws FormatError if it holds what has no text form: nested blocks, names that are no identifiers, strings with quotes.
 */
export function print(program: Program, options: PrintOptions = {}): string {
  const { dialect = program.version, layout = "canonical" } = options;
  const printer = new Printer(dialect, layout === "canonical" ? formatHexFloat : formatDecimal);
  const functions = program.functions.map((main) => printer.function(main));
  return [`program(${dialect})`, printer.header(program), "{", ...functions, "}"].join("\n");
}

class Printer {
  readonly #constants: ConstantPrinter;

  constructor(dialect: Program["version"], float: FloatSpeller) {
    this.#constants = new ConstantPrinter(dialect, float);
  }

  header({ buildInfo, attributes = {} }: Program): string {
    return this.#attributes({ ...attributes, buildInfo: dictionaryOf(buildInfo) });
  }

  function({ name, opset, inputs, attributes = {}, operations, outputs }: MilFunction): string {
    const head = `func ${identifier(name)}<${opset}>(${this.#declarations(inputs)})`;
    const lines = [`    ${head} ${this.#attributes(attributes, " ")}{`];
    for (const operation of operations) lines.push(`            ${this.#operation(operation)}`);
    const results = outputs.map((output) => identifier(output.name)).join(", ");
    lines.push(`        } -> (${results});`);
    return lines.join("\n");
  }

  #operation({ type, opset, inputs, attributes, outputs, blocks = [] }: Operation): string {
    if (blocks.length > 0) {
      throw unprintable("nested blocks have no known text form", `${type} with ${blocks.length}`);
    }
    const results = outputs.length === 0 ? "" : `${this.#declarations(outputs)} = `;
    const own = opset === undefined ? "" : `<${opset}>`;
    return `${results}${identifier(type)}${own}(${this.#arguments(inputs)})${this.#attributes(attributes)};`;
  }

  #declarations(values: readonly AnyValue[]): string {
    let text = "";
    for (const { name, type } of values) {
      if (text !== "") text += ", ";
      text += `${this.#constants.type(type)} ${identifier(name)}`;
    }
    return text;
  }

  #arguments(inputs: Operation["inputs"]): string {
    let text = "";
    for (const name of sortedNames(inputs)) {
      if (text !== "") text += ", ";
      text += `${identifier(name)} = ${this.#argument(inputs[name]!)}`;
    }
    return text;
  }

  /** A tuple of one is written like its only item. */
  #argument(argument: Argument): string {
    if (argument.kind === "value") return identifier(argument.value.name);
    if (argument.kind !== "tuple") return this.#constants.constant(argument);
    if (argument.items.length === 0) throw unprintable("tuples have an item", "an empty tuple");
    const items = argument.items.map((item) => this.#argument(item));
    return items.length === 1 ? items[0]! : `(${items.join(", ")})`;
  }

  /** Nothing at all if there are none. */
  #attributes(attributes: Attributes, end = ""): string {
    let text = "";
    for (const name of sortedNames(attributes)) {
      text += text === "" ? "[" : ", ";
      text += `${identifier(name)} = ${this.#constants.constant(attributes[name]!)}`;
    }
    return text === "" ? "" : `${text}]${end}`;
  }
}

const STRING_TYPE = { kind: "tensor", dtype: "string", shape: [] } as const;

function dictionaryOf(record: Readonly<Record<string, string>>): DictionaryLiteral {
  const text = (element: string): Literal => ({
    kind: "literal",
    type: STRING_TYPE,
    elements: [element],
  });
  return {
    kind: "dictionary",
    type: { kind: "dictionary", key: STRING_TYPE, value: STRING_TYPE },
    entries: sortedNames(record).map((key) => [text(key), text(record[key]!)]),
  };
}

/** MIL.proto, "Identifiers". */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_@]*$/;

function identifier(name: string): string {
  if (IDENTIFIER.test(name)) return name;
  throw unprintable("names are identifiers", JSON.stringify(name));
}

function unprintable(rule: string, actual: string): FormatError {
  const remedy = "Change it before printing";
  return new FormatError("ERR_MIL_UNSUPPORTED", `print: ${rule}, got ${actual}. ${remedy}.`);
}
