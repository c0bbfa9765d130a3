/** Types of program text. `T` and `tensor<T, []>` are one type, whatever the dialect. */
import { DTYPES, isDType } from "../dtype.js";
import { type DType, type TensorType, UNKNOWN_DIM, type ValueType } from "../program.js";
import { IDENTIFIER, isLetter, NUMBER } from "./lexer.js";
import { integerOf } from "./number-text.js";
import { DEEPEST_NESTING, type TokenReader } from "./token-reader.js";

const OPEN_ANGLE = "<".charCodeAt(0);
const OPEN_PARENTHESIS = "(".charCodeAt(0);

const CONSTRUCTORS: ReadonlySet<string> = new Set([
  ...["tensor", "list", "tuple", "dict", "state", "tensor_buffer"],
]);

/** Equal scalar types of a program are one object. */
const SCALARS = Object.fromEntries(
  Object.keys(DTYPES).map((dtype) => [dtype, { kind: "tensor", dtype, shape: [] }]),
) as unknown as Readonly<Record<DType, TensorType>>;

/** True if a declaration, `type name`, is next, and not the name of an op. */
export function atDeclaration(reader: TokenReader): boolean {
  return atType(reader, isLetter);
}

/** True if an inline constant, `type(...)`, is next, and not the name of a value. */
export function atConstant(reader: TokenReader): boolean {
  return atType(reader, (code) => code === OPEN_PARENTHESIS);
}

/** A word of a type is a name like others unless the next character says otherwise. */
function atType(reader: TokenReader, endsScalar: (code: number) => boolean): boolean {
  if (reader.kind !== IDENTIFIER) return false;
  const following = reader.following();
  if (following === OPEN_ANGLE) return CONSTRUCTORS.has(reader.value());
  return endsScalar(following) && isDType(reader.value());
}

export function parseType(reader: TokenReader, depth = 0): ValueType {
  reader.checkDepth(depth, "types are nested");
  const start = reader.start;
  const word = reader.identifier("a type");
  if (word === "tensor") return parseTensorType(reader);
  if (!CONSTRUCTORS.has(word)) return SCALARS[dtypeOf(reader, start, word, "a type")];
  reader.countPart();
  reader.expect("<");
  const type = parseComposite(reader, word, depth + 1);
  reader.expect(">");
  return type;
}

function parseComposite(reader: TokenReader, word: string, depth: number): ValueType {
  switch (word) {
    case "list": {
      const element = parseType(reader, depth);
      reader.expect(",");
      return { kind: "list", element, length: parseDim(reader) };
    }
    case "tuple": {
      const elements = [parseType(reader, depth)];
      while (reader.accept(",")) elements.push(parseType(reader, depth));
      return { kind: "tuple", elements };
    }
    case "dict": {
      const key = parseType(reader, depth);
      reader.expect(",");
      return { kind: "dictionary", key, value: parseType(reader, depth) };
    }
    case "state":
      return { kind: "state", wrapped: parseType(reader, depth) };
    default: {
      const dtype = parseDType(reader);
      const shape = parseNamedShape(reader, "shape");
      const strides = parseNamedShape(reader, "strides");
      const interleaveFactors = parseNamedShape(reader, "interleave_factors");
      return { kind: "tensor_buffer", dtype, shape, strides, interleaveFactors };
    }
  }
}

function parseTensorType(reader: TokenReader): TensorType {
  reader.expect("<");
  const dtype = parseDType(reader);
  reader.expect(",");
  const shape = parseShape(reader);
  reader.expect(">");
  return shape.length === 0 ? SCALARS[dtype] : { kind: "tensor", dtype, shape };
}

function parseNamedShape(reader: TokenReader, name: string): number[] {
  reader.expect(",");
  reader.expectWord(name);
  reader.expect("=");
  return parseShape(reader);
}

function parseShape(reader: TokenReader): number[] {
  const shape: number[] = [];
  reader.expect("[");
  if (!reader.at("]")) {
    do {
      if (shape.length === DEEPEST_NESTING) {
        const rule = `a tensor has at most ${DEEPEST_NESTING} dims`;
        throw reader.error("ERR_MIL_DEPTH", reader.start, rule, "more");
      }
      shape.push(parseDim(reader));
    } while (reader.accept(","));
  }
  reader.expect("]");
  return shape;
}

function parseDim(reader: TokenReader): number {
  if (reader.accept("?")) return UNKNOWN_DIM;
  if (reader.kind !== NUMBER) throw reader.unexpected('a dim or "?"');
  const dim = integerOf(reader.text, reader.start, reader.end);
  if (!(dim >= 0)) {
    const rule = "dims are integers that are not negative";
    throw reader.error("ERR_MIL_LITERAL", reader.start, rule, reader.shown());
  }
  reader.next();
  return dim;
}

function parseDType(reader: TokenReader): DType {
  const start = reader.start;
  const expected = "a dtype such as fp16";
  return dtypeOf(reader, start, reader.identifier(expected), expected);
}

function dtypeOf(reader: TokenReader, start: number, word: string, expected: string): DType {
  if (isDType(word)) return word;
  throw reader.error("ERR_MIL_SYNTAX", start, `expected ${expected}`, `"${word}"`, { expected });
}
