/**
 * Q8_0, llama2.c's int8 form of a matrix (quantize_q80 of export.py): each group of G successive elements is int8 values in
 * [−127, 127] and one fp32 scale, the group's largest magnitude / 127.
 */
import type { LlamaConfig } from "../config.js";
import { ConfigError } from "../errors.js";

/** export.py's group size, where it divides the width of the model. */
const GROUP_SIZE = 64;

/**
 * 64, halved until it divides D as export.py does.
 * @throws ConfigError where F is not a multiple: runq.c quantizes activations of that length in whole groups.
 */
export function groupSizeFor({ dim: D, hiddenDim: F }: LlamaConfig): number {
  let size = GROUP_SIZE;
  while (D % size !== 0) size /= 2;
  if (F % size === 0) return size;
  throw new ConfigError(
    "hiddenDim",
    `writeLlamaBin: a version 2 file needs a hiddenDim that is a multiple of the group size ${size}, got ${F}. Export version 0 or 1.`,
  );
}

/**
 * @param values [n], n a multiple of the group size.
 * @returns int8 [n] and scales [n / groupSize], quotients rounded half to even as PyTorch does.
 */
export function quantize(values: Float32Array, groupSize: number): [Int8Array, Float32Array] {
  const quantized = new Int8Array(values.length);
  const scales = new Float32Array(values.length / groupSize);
  for (let group = 0; group < scales.length; group++) {
    const [start, end] = [group * groupSize, (group + 1) * groupSize];
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i]!));
    const scale = Math.fround(largest / 127);
    scales[group] = scale;
    if (scale === 0) continue; // all zeros, or too small for a scale
    for (let i = start; i < end; i++) quantized[i] = roundHalfEven(Math.fround(values[i]! / scale));
  }
  return [quantized, scales];
}

/** @param out Receives the values, [n]. */
export function dequantize(quantized: Int8Array, scales: Float32Array, out: Float32Array): void {
  const groupSize = quantized.length / scales.length;
  for (let group = 0; group < scales.length; group++) {
    const scale = scales[group]!;
    const end = (group + 1) * groupSize;
    for (let i = group * groupSize; i < end; i++) out[i] = quantized[i]! * scale;
  }
}

function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
