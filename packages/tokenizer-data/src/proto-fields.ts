// The fields of one message in protocol buffers' wire format (protobuf.dev/programming-guides/encoding).

import { FormatError } from "./errors.js";

/** One field: a varint as int32, which is what bools, enums and ids are; everything else as its bytes. */
export interface ProtoField {
  readonly number: number;
  readonly value: number | Uint8Array;
  /** Of the value, in the file. */
  readonly offset: number;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** Bytes of the wire types that have always as many. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * @param message Its bytes; `path` and `start`, its offset in the file, appear in errors.
 * @throws FormatError for a message that is cut short, and for groups, which proto2 files no longer have.
 */
export function* protoFields(
  message: Uint8Array,
  path: string,
  start = 0,
): Generator<ProtoField, void> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      if (byte === undefined || shift > 63) {
        throw new FormatError(path, start + at - 1, "a number must end. The file is cut short.");
      }
      // Bits above the 32nd are the sign of a negative int32, again and again.
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === VARINT) {
      const offset = start + at;
      yield { number, value: varint(), offset };
      continue;
    }
    const length = wireType === LENGTH_DELIMITED ? varint() : FIXED_BYTES[wireType];
    if (length === undefined || length < 0 || length > message.length - at) {
      throw new FormatError(
        path,
        start + at,
        `field ${number} of wire type ${wireType} must lie within its message, got ${message.length - at} bytes. ` +
          "The file is cut short, or is no SentencePiece model.",
      );
    }
    yield { number, value: message.subarray(at, at + length), offset: start + at };
    at += length;
  }
}
