/** Tensors written out: elements in nested brackets, each level as long as its dim. */
import { DTYPES, integerRange, isWideInteger } from "../dtype.js";
import type { FormatError } from "../errors.js";
import type { DType, Literal, LiteralElements, TensorType } from "../program.js";
import { elementCount, isStaticShape, isUnknownDim } from "../tensor-type.js";
import { LONGEST_NUMBER, readFloat } from "./float-text.js";
import { NUMBER } from "./lexer.js";
import { integerOf } from "./number-text.js";
import type { TokenReader } from "./token-reader.js";

export function parseTensorLiteral(reader: TokenReader, type: TensorType): Literal {
  const { shape } = type;
  if (shape.length === 0) {
    return { kind: "literal", type, elements: parseElements(reader, type, readScalar) };
  }
  const extents = [...shape];
  const elements = parseElements(reader, type, (sink) => readLevel(reader, extents, 0, sink));
  if (isStaticShape(shape)) return { kind: "literal", type, elements };
  // Extents inside of an empty dim are not written anywhere.
  const known = extents.map((extent) => (isUnknownDim(extent) ? 0 : extent));
  return { kind: "literal", type, elements, shape: known };
}

/** Reads one element and keeps it. */
type Sink = () => void;

function readScalar(sink: Sink): void {
  sink();
}

/** One bracket and all inside it. The first of several brackets settles the extent of an unknown dim. */
function readLevel(reader: TokenReader, extents: number[], axis: number, sink: Sink): void {
  const { start } = reader;
  const isInnermost = axis === extents.length - 1;
  reader.expect("[");
  let length = 0;
  if (!reader.at("]")) {
    do {
      if (isInnermost) sink();
      else readLevel(reader, extents, axis + 1, sink);
      length++;
      // Looked at in time, so that a literal never holds more elements than its type.
      if (length > extents[axis]!) throw wrongLength(reader, start, extents, axis, "more");
    } while (reader.accept(","));
  }
  reader.expect("]");
  if (isUnknownDim(extents[axis]!)) extents[axis] = length;
  if (length !== extents[axis]) throw wrongLength(reader, start, extents, axis, `${length}`);
}

function wrongLength(
  reader: TokenReader,
  start: number,
  extents: readonly number[],
  axis: number,
  actual: string,
): FormatError {
  const rule = `dim ${axis} has ${extents[axis]} entries`;
  return reader.error("ERR_MIL_LITERAL", start, rule, actual);
}

/** Runs `read` with a sink for the dtype, and returns what it kept. */
function parseElements(
  reader: TokenReader,
  { dtype, shape }: TensorType,
  read: (sink: Sink) => void,
): LiteralElements {
  const { kind } = DTYPES[dtype];
  const capacity = affordable(reader, elementCount(shape));
  if (kind === "float") {
    const store = new NumberStore(Float64Array, capacity);
    read(() => store.push(parseReal(reader, dtype)));
    return store.finish();
  }
  if (kind === "bool") return collect(reader, read, () => parseBoolean(reader));
  if (kind === "string") return collect(reader, read, () => reader.string());
  const range = integerRange(dtype);
  if (isWideInteger(dtype)) {
    return collect(reader, read, () => parseWideInteger(reader, dtype, range));
  }
  const store = new NumberStore(Int32Array, capacity);
  const min = Number(range.min);
  const max = Number(range.max);
  read(() => store.push(parseInteger(reader, dtype, min, max)));
  return store.finish();
}

/** Room to make for elements: no more than the rest of the text can hold, whatever the type says. */
function affordable(reader: TokenReader, count: number): number {
  const longest = reader.text.length - reader.start;
  return count <= longest ? count : 0;
}

function collect<T>(reader: TokenReader, read: (sink: Sink) => void, element: () => T): T[] {
  const found: T[] = [];
  read(() => {
    reader.countPart();
    found.push(element());
  });
  return found;
}

type NumberArray = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** A typed array that grows. */
class NumberStore<A extends NumberArray> {
  readonly #make: new (
    length: number,
  ) => A;
  #elements: A;
  #length = 0;

  constructor(make: new (length: number) => A, capacity: number) {
    this.#make = make;
    this.#elements = new make(capacity);
  }

  push(element: number): void {
    if (this.#length === this.#elements.length) this.#grow();
    this.#elements[this.#length++] = element;
  }

  /** The elements pushed, in an array of exactly their number. */
  finish(): A {
    const { length } = this.#elements;
    return this.#length === length ? this.#elements : (this.#elements.slice(0, this.#length) as A);
  }

  #grow(): void {
    const larger = new this.#make(Math.max(16, 2 * this.#elements.length));
    larger.set(this.#elements);
    this.#elements = larger;
  }
}

function parseReal(reader: TokenReader, dtype: DType): number {
  if (reader.kind === NUMBER) {
    const { text, start, end } = reader;
    const value = readFloat(text, start, end, dtype);
    if (value !== undefined) {
      reader.next();
      return value;
    }
    if (end - start > LONGEST_NUMBER) throw tooLong(reader);
    throw reader.error(
      "ERR_MIL_LITERAL",
      start,
      `a literal of ${dtype} is a number`,
      reader.shown(),
    );
  }
  if (reader.acceptWord("inf")) return Number.POSITIVE_INFINITY;
  if (reader.acceptWord("nan")) return Number.NaN;
  throw reader.unexpected("a number");
}

function parseInteger(reader: TokenReader, dtype: DType, min: number, max: number): number {
  if (reader.kind !== NUMBER) throw reader.unexpected("an integer");
  const value = integerOf(reader.text, reader.start, reader.end);
  // Also false for NaN, which stands for all that is not an integer or too large.
  if (!(value >= min && value <= max)) throw notInteger(reader, dtype);
  reader.next();
  return value;
}

function parseWideInteger(
  reader: TokenReader,
  dtype: DType,
  { min, max }: ReturnType<typeof integerRange>,
): bigint {
  if (reader.kind !== NUMBER) throw reader.unexpected("an integer");
  const short = integerOf(reader.text, reader.start, reader.end);
  const value = Number.isNaN(short) ? longInteger(reader) : BigInt(short);
  if (value === undefined || value < min || value > max) throw notInteger(reader, dtype);
  reader.next();
  return value;
}

function longInteger(reader: TokenReader): bigint | undefined {
  if (reader.end - reader.start > LONGEST_NUMBER) throw tooLong(reader);
  const text = reader.value();
  return /^[-+]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
}

function notInteger(reader: TokenReader, dtype: DType): FormatError {
  const { min, max } = integerRange(dtype);
  const isIntegral = /^[-+]?\d+$/.test(reader.value());
  const rule = isIntegral
    ? `${dtype} lies in ${min}..${max}`
    : `a literal of ${dtype} is an integer`;
  return reader.error("ERR_MIL_LITERAL", reader.start, rule, reader.shown());
}

function parseBoolean(reader: TokenReader): boolean {
  if (reader.acceptWord("true")) return true;
  if (reader.acceptWord("false")) return false;
  throw reader.unexpected("true or false");
}

function tooLong(reader: TokenReader): FormatError {
  const rule = `a number has at most ${LONGEST_NUMBER} characters`;
  return reader.error("ERR_MIL_LITERAL", reader.start, rule, `${reader.end - reader.start}`);
}
