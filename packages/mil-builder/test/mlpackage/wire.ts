/**
 * A protobuf decoder of its own for tests, with the part of Core ML's schema that models need, spelled out once more from
 * coremltools' mlmodel/format/*.proto. Shows messages as text, one field per line in the order of the bytes.
 */

/** Field number: name and kind. A kind with a capital letter is a message. */
type Fields = Readonly<Record<number, readonly [name: string, kind: string]>>;

const SCHEMA: Readonly<Record<string, Fields>> = {
  Model: {
    1: ["specificationVersion", "varint"],
    2: ["description", "ModelDescription"],
    502: ["mlProgram", "Program"],
  },
  ModelDescription: {
    1: ["input", "FeatureDescription"],
    10: ["output", "FeatureDescription"],
    13: ["state", "FeatureDescription"],
    20: ["functions", "FunctionDescription"],
    21: ["defaultFunctionName", "string"],
    100: ["metadata", "Metadata"],
  },
  FunctionDescription: {
    1: ["name", "string"],
    2: ["input", "FeatureDescription"],
    3: ["output", "FeatureDescription"],
    6: ["state", "FeatureDescription"],
  },
  FeatureDescription: {
    1: ["name", "string"],
    2: ["shortDescription", "string"],
    3: ["type", "FeatureType"],
  },
  Metadata: {
    1: ["shortDescription", "string"],
    2: ["versionString", "string"],
    3: ["author", "string"],
    4: ["license", "string"],
    100: ["userDefined", "TextEntry"],
  },
  TextEntry: { 1: ["key", "string"], 2: ["value", "string"] },
  FeatureType: {
    5: ["multiArrayType", "ArrayFeatureType"],
    8: ["stateType", "StateFeatureType"],
    1000: ["isOptional", "varint"],
  },
  StateFeatureType: { 1: ["arrayType", "ArrayFeatureType"] },
  ArrayFeatureType: {
    1: ["shape", "varints"],
    2: ["dataType", "varint"],
    21: ["enumeratedShapes", "EnumeratedShapes"],
    31: ["shapeRange", "ShapeRange"],
  },
  EnumeratedShapes: { 1: ["shapes", "Shape"] },
  Shape: { 1: ["shape", "varints"] },
  ShapeRange: { 1: ["sizeRanges", "SizeRange"] },
  SizeRange: { 1: ["lowerBound", "varint"], 2: ["upperBound", "varint"] },
  Program: {
    1: ["version", "varint"],
    2: ["functions", "FunctionEntry"],
    3: ["docString", "string"],
    4: ["attributes", "ValueEntry"],
  },
  FunctionEntry: { 1: ["key", "string"], 2: ["value", "Function"] },
  ValueEntry: { 1: ["key", "string"], 2: ["value", "Value"] },
  BlockEntry: { 1: ["key", "string"], 2: ["value", "Block"] },
  ArgumentEntry: { 1: ["key", "string"], 2: ["value", "Argument"] },
  Function: {
    1: ["inputs", "NamedValueType"],
    2: ["opset", "string"],
    3: ["block_specializations", "BlockEntry"],
    4: ["attributes", "ValueEntry"],
  },
  Block: {
    1: ["inputs", "NamedValueType"],
    2: ["outputs", "string"],
    3: ["operations", "Operation"],
    4: ["attributes", "ValueEntry"],
  },
  Operation: {
    1: ["type", "string"],
    2: ["inputs", "ArgumentEntry"],
    3: ["outputs", "NamedValueType"],
    4: ["blocks", "Block"],
    5: ["attributes", "ValueEntry"],
  },
  Argument: { 1: ["arguments", "Binding"] },
  Binding: { 1: ["name", "string"], 2: ["value", "Value"] },
  NamedValueType: { 1: ["name", "string"], 2: ["type", "ValueType"] },
  ValueType: {
    1: ["tensorType", "TensorType"],
    2: ["listType", "ListType"],
    3: ["tupleType", "TupleType"],
    4: ["dictionaryType", "DictionaryType"],
    5: ["stateType", "StateType"],
  },
  TensorType: {
    1: ["dataType", "varint"],
    2: ["rank", "varint"],
    3: ["dimensions", "Dimension"],
    4: ["attributes", "ValueEntry"],
  },
  Dimension: { 1: ["constant", "ConstantDimension"], 2: ["unknown", "UnknownDimension"] },
  ConstantDimension: { 1: ["size", "varint"] },
  UnknownDimension: { 1: ["variadic", "varint"] },
  ListType: { 1: ["type", "ValueType"], 2: ["length", "Dimension"] },
  TupleType: { 1: ["types", "ValueType"] },
  DictionaryType: { 1: ["keyType", "ValueType"], 2: ["valueType", "ValueType"] },
  StateType: { 1: ["wrappedType", "ValueType"] },
  Value: {
    1: ["docString", "string"],
    2: ["type", "ValueType"],
    3: ["immediateValue", "ImmediateValue"],
    5: ["blobFileValue", "BlobFileValue"],
  },
  ImmediateValue: {
    1: ["tensor", "TensorValue"],
    2: ["tuple", "Values"],
    3: ["list", "Values"],
    4: ["dictionary", "DictionaryValue"],
  },
  Values: { 1: ["values", "Value"] },
  DictionaryValue: { 1: ["values", "KeyValuePair"] },
  KeyValuePair: { 1: ["key", "Value"], 2: ["value", "Value"] },
  BlobFileValue: { 1: ["fileName", "string"], 2: ["offset", "varint"] },
  TensorValue: {
    1: ["floats", "Floats"],
    2: ["ints", "Ints"],
    3: ["bools", "Ints"],
    4: ["strings", "Strings"],
    5: ["longInts", "Ints"],
    6: ["doubles", "Doubles"],
    7: ["bytes", "Bytes"],
  },
  Floats: { 1: ["values", "floats"] },
  Doubles: { 1: ["values", "doubles"] },
  Ints: { 1: ["values", "varints"] },
  Strings: { 1: ["values", "string"] },
  Bytes: { 1: ["values", "bytes"] },
};

/** Wire types that a kind may have: 0 varint, 2 length-delimited. */
class Reader {
  position = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.position >= this.bytes.length;
  }

  /** Seven bits a byte, lowest first; 64 bits in two's complement. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new Error("the bytes end in a varint");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  }

  piece(): Uint8Array {
    const length = Number(this.varint());
    const piece = this.bytes.subarray(this.position, this.position + length);
    if (piece.length !== length) throw new Error("the bytes end in a field");
    this.position += length;
    return piece;
  }
}

/** A message as lines of text. */
export function showMessage(bytes: Uint8Array, message = "Model", indent = ""): string {
  const reader = new Reader(bytes);
  let text = "";
  while (!reader.done) {
    const key = Number(reader.varint());
    const field = SCHEMA[message]?.[key >>> 3];
    if (field === undefined) throw new Error(`${message} has no field ${key >>> 3}`);
    const [name, kind] = field;
    const wanted = kind === "varint" ? 0 : 2;
    if ((key & 7) !== wanted) throw new Error(`${message}.${name} has wire type ${key & 7}`);
    text += `${indent}${name}${showField(reader, kind, indent)}\n`;
  }
  return text;
}

function showField(reader: Reader, kind: string, indent: string): string {
  if (kind === "varint") return ` ${reader.varint()}`;
  const piece = reader.piece();
  switch (kind) {
    case "string":
      return ` ${JSON.stringify(new TextDecoder("utf-8", { fatal: true }).decode(piece))}`;
    case "bytes":
      return ` <${Buffer.from(piece).toString("hex")}>`;
    case "varints":
      return ` [${listOf(piece, (list) => `${list.varint()}`)}]`;
    case "floats":
      return ` [${numbers(piece, 4, (view, at) => view.getFloat32(at, true))}]`;
    case "doubles":
      return ` [${numbers(piece, 8, (view, at) => view.getFloat64(at, true))}]`;
    default: {
      const inner = showMessage(piece, kind, `${indent}  `);
      return inner === "" ? " {}" : ` {\n${inner}${indent}}`;
    }
  }
}

function listOf(piece: Uint8Array, next: (list: Reader) => string): string {
  const list = new Reader(piece);
  const items: string[] = [];
  while (!list.done) items.push(next(list));
  return items.join(", ");
}

function numbers(
  piece: Uint8Array,
  size: number,
  read: (view: DataView, at: number) => number,
): string {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const items = Array.from({ length: piece.byteLength / size }, (_, i) => read(view, i * size));
  return items.map((value) => (Object.is(value, -0) ? "-0" : `${value}`)).join(", ");
}

/** All of the schema above as `Message.field = number`. */
export function schemaLines(): string[] {
  return Object.entries(SCHEMA)
    .filter(([message]) => !message.endsWith("Entry"))
    .flatMap(([message, fields]) =>
      Object.entries(fields).map(([number, [name]]) => `${message}.${name} = ${number}`),
    );
}
