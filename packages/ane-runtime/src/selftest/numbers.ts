/** Reproducible random tensors, and how far apart two tensors are. */
import { floatFromHalf, halfFromFloat } from "@ane/mil-builder";

/** Values of a normal distribution, as fp16 can hold them; the same for the same seed. */
export function normalHalves(count: number, seed: number, std = 1): Float32Array {
  const random = mulberry32(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return floatFromHalf(halfFromFloat(std * radius * Math.cos(2 * Math.PI * random())));
  });
}

/** Uniform in [0, 1); public-domain generator by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Largest finite magnitude. */
export function maxAbs(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i]!);
    if (Number.isFinite(value) && value > largest) largest = value;
  }
  return largest;
}

/** Largest difference of two tensors; infinite where only one of them is NaN or an infinity. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    if (Object.is(a, b) || a === b) continue;
    const difference = Math.abs(a - b);
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return largest;
}

/** Distance from |value| to the next number of fp16. */
export function halfUlp(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 2 ** -14)));
  return 2 ** (exponent - 10);
}
