/** Normally distributed numbers as a pure function of (seed, stream, index), the same bits on every CPU. */
import { checkArray, checkInteger } from "./argument-error.js";
import { checkNumber } from "./checks.js";
import { nativeBinding } from "./native.js";

const native = nativeBinding<{
  fillNormal(out: Float32Array, seed: number, stream: number, std: number, offset: number): void;
  philox4x32(counter: Uint32Array, key: Uint32Array, words: Uint32Array): void;
}>();

/** Seed, stream and offset are integers from 0 to 2^53 − 1. */
export interface FillNormalOptions {
  readonly seed: number;
  /** Streams of one seed are independent of each other; give every tensor its own. */
  readonly stream: number;
  /** Standard deviation; at least 0. */
  readonly std: number;
  /** Index of the first element within the stream. Default 0. */
  readonly offset?: number;
}

/**
 * `out[i]` = element offset + i of the stream: std times a standard normal number, by Philox4x32-10 (Salmon et al.,
 * "Parallel Random Numbers: As Easy as 1, 2, 3", SC11) and the Box-Muller transform in double. No element depends on
 * how many are asked for, and no tail is beyond 6.8 std.
 *
 * @throws ArgumentError
 */
export function fillNormal(out: Float32Array, options: FillNormalOptions): void {
  const { seed, stream, std, offset = 0 } = options;
  checkArray(out, Float32Array, "fillNormal.out");
  checkInteger(seed, "fillNormal.seed");
  checkInteger(stream, "fillNormal.stream");
  checkInteger(offset, "fillNormal.offset", 0, Number.MAX_SAFE_INTEGER - out.length);
  checkNumber(std, "fillNormal.std", "must be finite and at least 0", (value) => value >= 0);
  native.fillNormal(out, seed, stream, std, offset);
}

/** The generator itself: four random words from a counter of four words and a key of two, low word first. */
export function philox4x32(counter: readonly number[], key: readonly number[]): Uint32Array {
  const words = new Uint32Array(4);
  native.philox4x32(Uint32Array.from(counter), Uint32Array.from(key), words);
  return words;
}
