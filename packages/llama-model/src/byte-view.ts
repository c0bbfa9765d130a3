/** The bytes of a typed array where they lie, in the machine's order (little-endian on every platform Node runs on here). */
export function bytesOf(array: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
