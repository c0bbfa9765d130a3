/**
 * Packing of integers below 8 bits: element i is bits [i·b, (i+1)·b) of a little-endian bit stream, so the first element is in
 * the low bits and elements of 3 and 6 bits straddle bytes. Source: coremltools mlmodel/src/MILBlob/SubByteTypes.hpp.
 */

/** Bytes that hold `count` elements. */
export function packedSize(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Packs the low `bits` bits of every element; unused bits of the last byte are 0. */
export function packBits(elements: ArrayLike<number>, bits: number): Uint8Array {
  const packed = new Uint8Array(packedSize(elements.length, bits));
  const mask = (1 << bits) - 1;
  for (let i = 0, position = 0; i < elements.length; i++, position += bits) {
    // Positions stay below 2^53; >>> would cut them to 32 bits.
    const byte = Math.floor(position / 8);
    const shifted = (elements[i]! & mask) << (position % 8);
    packed[byte]! |= shifted;
    if (shifted > 0xff) packed[byte + 1]! |= shifted >>> 8;
  }
  return packed;
}

/** The elements again, unsigned. */
export function unpackBits(packed: ArrayLike<number>, bits: number, count: number): Uint8Array {
  const elements = new Uint8Array(count);
  const mask = (1 << bits) - 1;
  for (let i = 0, position = 0; i < count; i++, position += bits) {
    const byte = Math.floor(position / 8);
    const pair = packed[byte]! | ((packed[byte + 1] ?? 0) << 8);
    elements[i] = (pair >>> (position % 8)) & mask;
  }
  return elements;
}
