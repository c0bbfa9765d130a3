/** Elements of stored tensors to fp32 and back: F32 as it is, F16 and BF16 rounded to nearest even. */
import { toFloat, toHalf } from "@ane/accel-ops";
import { bytesOf } from "../byte-view.js";
import type { ElementType } from "./safetensors.js";

/** @param bytes Little-endian elements, 4-byte aligned. @param out fp32 [n] */
export function decodeElements(bytes: Uint8Array, dtype: ElementType, out: Float32Array): void {
  if (dtype === "F32") {
    bytesOf(out).set(bytes);
    return;
  }
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (dtype === "F16") {
    toFloat(halves, out);
    return;
  }
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
}

/** @param values fp32 [n] @returns Little-endian elements */
export function encodeElements(values: Float32Array, dtype: ElementType): Uint8Array {
  if (dtype === "F32") return bytesOf(values);
  const halves = new Uint16Array(values.length);
  if (dtype === "F16") toHalf(values, halves);
  else roundToBfloat16(values, halves);
  return bytesOf(halves);
}

/** The upper half of each fp32, rounded to nearest even; parameters are finite. */
function roundToBfloat16(values: Float32Array, out: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    out[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}
