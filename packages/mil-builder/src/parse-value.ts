/** Types and constants of program text. `T` and `tensor<T, []>` are one type, whatever the dialect. */
import { DTYPES, integerRange, isDType, isWideInteger } from "./dtype.js";
import type { FormatError } from "./errors.js";
import { LONGEST_NUMBER, parseFloatText } from "./float-text.js";
import type { Token } from "./lexer.js";
import type { Constant, DType, LiteralElements, TensorType } from "./program.js";
import type { TokenReader } from "./token-reader.js";

/** Ranks and tuples are nested no deeper than this. */
export const DEEPEST_NESTING = 32;

const OTHER_TYPES: ReadonlySet<string> = new Set([
  "list",
  "dict",
  "tuple",
  "state",
  "tensor_buffer",
]);

/** True if the next tokens begin a type and not a name. */
export function atType(reader: TokenReader): boolean {
  const { current, following } = reader;
  if (current.kind !== "identifier") return false;
  if (current.text === "tensor" || OTHER_TYPES.has(current.text)) return following.text === "<";
  return isDType(current.text) && (following.kind === "identifier" || following.text === "(");
}

export function parseType(reader: TokenReader): TensorType {
  const token = reader.expectKind("identifier", "a type");
  if (token.text === "tensor") return parseTensorType(reader);
  if (OTHER_TYPES.has(token.text)) {
    throw reader.error(
      "ERR_MIL_UNSUPPORTED",
      token,
      "values are tensors and scalars",
      `a ${token.text}`,
    );
  }
  return { kind: "tensor", dtype: dtypeOf(reader, token), shape: [] };
}

function parseTensorType(reader: TokenReader): TensorType {
  reader.expect("<");
  const dtype = dtypeOf(reader, reader.expectKind("identifier", "a dtype"));
  reader.expect(",");
  reader.expect("[");
  const shape: number[] = [];
  if (!reader.at("]")) reader.list(() => shape.push(parseDim(reader, shape.length)));
  reader.expect("]");
  reader.expect(">");
  return { kind: "tensor", dtype, shape };
}

function parseDim(reader: TokenReader, axis: number): number {
  const token = reader.current;
  if (token.text === "?") {
    throw reader.error("ERR_MIL_UNSUPPORTED", token, "shapes are static", "an unknown dim");
  }
  if (axis === DEEPEST_NESTING) {
    const rule = `a tensor has at most ${DEEPEST_NESTING} dims`;
    throw reader.error("ERR_MIL_DEPTH", token, rule, "more");
  }
  const dim = Number(reader.expectKind("number", "a dim").text);
  if (!Number.isSafeInteger(dim) || dim < 1) {
    throw reader.error("ERR_MIL_LITERAL", token, "dims are positive integers", token.text);
  }
  return dim;
}

function dtypeOf(reader: TokenReader, token: Token): DType {
  if (isDType(token.text)) return token.text;
  const expected = "a dtype such as fp16";
  throw reader.error("ERR_MIL_SYNTAX", token, `expected ${expected}`, `"${token.text}"`, {
    expected,
  });
}

/** `type(literal)` or `type(BLOBFILE(path = ..., offset = ...))`. */
export function parseConstant(reader: TokenReader): Constant {
  const type = parseType(reader);
  reader.expect("(");
  const constant = reader.at("BLOBFILE")
    ? parseBlobReference(reader, type)
    : ({ kind: "literal", type, elements: parseElements(reader, type) } as const);
  reader.expect(")");
  return constant;
}

function parseBlobReference(reader: TokenReader, type: TensorType): Constant {
  const token = reader.expect("BLOBFILE");
  reader.expect("(");
  const fields = new Map<string, Constant>();
  reader.list(() => {
    const field = reader.expectKind("identifier", '"path" or "offset"').text;
    reader.expect("=");
    fields.set(field, parseConstant(reader));
  });
  reader.expect(")");
  const path = scalarOf(fields.get("path"), "string");
  const offset = Number(scalarOf(fields.get("offset"), "uint64"));
  if (fields.size !== 2 || typeof path !== "string" || !Number.isSafeInteger(offset)) {
    const rule = "BLOBFILE has a path (string) and an offset (uint64)";
    throw reader.error("ERR_MIL_LITERAL", token, rule, [...fields.keys()].join(", "));
  }
  return { kind: "blob", type, path, offset };
}

function scalarOf(
  constant: Constant | undefined,
  dtype: DType,
): string | number | bigint | boolean | undefined {
  const fits = constant?.kind === "literal" && constant.type.dtype === dtype;
  return fits && constant.type.shape.length === 0 ? constant.elements[0] : undefined;
}

function parseElements(reader: TokenReader, { dtype, shape }: TensorType): LiteralElements {
  const { kind } = DTYPES[dtype];
  if (kind === "float") {
    return Float64Array.from(collect(reader, shape, () => parseReal(reader, dtype)));
  }
  if (kind === "bool") return collect(reader, shape, () => parseBoolean(reader));
  if (kind === "string") {
    return collect(reader, shape, () => reader.expectKind("string", "a string").text);
  }
  const integers = collect(reader, shape, () => parseInteger(reader, dtype));
  return isWideInteger(dtype) ? integers : Int32Array.from(integers, Number);
}

/** Elements in nested brackets, each level as long as its dim. */
function collect<T>(reader: TokenReader, shape: readonly number[], element: () => T): T[] {
  const found: T[] = [];
  const level = (axis: number): void => {
    if (axis === shape.length) {
      found.push(element());
      return;
    }
    const token = reader.expect("[");
    let length = 0;
    reader.list(() => {
      level(axis + 1);
      length++;
    });
    reader.expect("]");
    if (length !== shape[axis]) {
      const rule = `dim ${axis} has ${shape[axis]} entries`;
      throw reader.error("ERR_MIL_LITERAL", token, rule, `${length}`);
    }
  };
  level(0);
  return found;
}

function parseReal(reader: TokenReader, dtype: DType): number {
  const token = reader.current;
  if (reader.accept("inf")) return Number.POSITIVE_INFINITY;
  if (reader.accept("nan")) return Number.NaN;
  const { text } = reader.expectKind("number", "a number");
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  if (text.length > LONGEST_NUMBER) throw tooLong(reader, token);
  const value = parseFloatText(text, dtype);
  if (value === undefined) {
    throw reader.error("ERR_MIL_LITERAL", token, `a literal of ${dtype} is a number`, text);
  }
  return value;
}

function parseInteger(reader: TokenReader, dtype: DType): bigint {
  const token = reader.current;
  const { text } = reader.expectKind("number", "an integer");
  if (text.length > LONGEST_NUMBER) throw tooLong(reader, token);
  if (!/^[-+]?\d+$/.test(text)) {
    throw reader.error("ERR_MIL_LITERAL", token, `a literal of ${dtype} is an integer`, text);
  }
  const value = BigInt(text.replace("+", ""));
  const { min, max } = integerRange(dtype);
  if (value < min || value > max) {
    throw reader.error("ERR_MIL_LITERAL", token, `${dtype} lies in ${min}..${max}`, text);
  }
  return value;
}

function parseBoolean(reader: TokenReader): boolean {
  if (reader.accept("true")) return true;
  if (reader.accept("false")) return false;
  throw reader.unexpected("true or false");
}

function tooLong(reader: TokenReader, token: Token): FormatError {
  const rule = `a number has at most ${LONGEST_NUMBER} characters`;
  return reader.error("ERR_MIL_LITERAL", token, rule, `${token.text.length}`);
}
