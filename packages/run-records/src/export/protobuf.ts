/** The few kinds of protobuf fields that TensorBoard's messages have; a message is its fields one after the other. */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** @param value A whole number from 0 to 2^53 − 1. */
export function integerField(number: number, value: number): Buffer {
  return Buffer.from([...varint(number * 8 + VARINT), ...varint(value)]);
}

export function doubleField(number: number, value: number): Buffer {
  const field = Buffer.alloc(9, number * 8 + FIXED64);
  field.writeDoubleLE(value, 1);
  return field;
}

export function floatField(number: number, value: number): Buffer {
  const field = Buffer.alloc(5, number * 8 + FIXED32);
  field.writeFloatLE(value, 1);
  return field;
}

/** Text, or the fields of a message. */
export function bytesField(number: number, value: string | readonly Uint8Array[]): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.concat(value);
  return Buffer.concat([
    Buffer.from([...varint(number * 8 + BYTES), ...varint(bytes.length)]),
    bytes,
  ]);
}

/** Seven bits per byte, the lowest first. Divides, because values may need more than 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}
