/**
 * Chooses the next token from logits by the rules of llama2.c's run.c (sample, sample_mult, sample_topp), with its fp32
 * sums, so that a seed gives the same text here and there. V = vocabulary.
 */
import { softmax } from "@ane/accel-ops";
import { InputError } from "./errors.js";

/** How a token is chosen. */
export interface SamplingOptions {
  /** 0 takes the most likely token; 1 samples from the model's own distribution. */
  readonly temperature: number;
  /** Samples from the most likely tokens that together pass this probability; 0 or 1 from all. */
  readonly topP: number;
  /** Uniform in [0, 1); called once per token at a temperature above 0. */
  readonly random: () => number;
}

/** Range of the token id within a candidate's sort key; no configuration has more tokens. */
const INDEX_RANGE = 2 ** 22;
/** Above the bits of every non-negative fp32 number. */
const MAX_BITS = 2 ** 31 - 1;

/**
 * Chooses a token by its probability.
 * @param logits [V] fp32 of one sequence. At a temperature above 0 they are overwritten with their probabilities.
 * @returns A token id.
 * @throws InputError
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions): number {
  const { temperature, topP, random } = options;
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new InputError(
      `sampleToken: temperature must be a finite number from 0, got ${temperature}. Use 0 for the most likely token.`,
    );
  }
  if (!(topP >= 0 && topP <= 1)) {
    throw new InputError(
      `sampleToken: topP must be from 0 to 1, got ${topP}. Use 1 to sample from all tokens.`,
    );
  }
  if (temperature === 0) return argmax(logits);
  if (temperature !== 1) {
    const divisor = Math.fround(temperature);
    for (let i = 0; i < logits.length; i++) logits[i] = logits[i]! / divisor;
  }
  softmax({ outer: 1, axis: logits.length, inner: 1, x: logits, out: logits });
  const coin = random();
  const isNucleus = topP > 0 && topP < 1;
  return isNucleus ? sampleNucleus(logits, Math.fround(topP), coin) : sampleAll(logits, coin);
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) {
    if (logits[i]! > logits[best]!) best = i;
  }
  return best;
}

/** Walks the cumulative distribution until it passes the coin. */
function sampleAll(probabilities: Float32Array, coin: number): number {
  let cumulative = 0;
  for (let i = 0; i < probabilities.length; i++) {
    cumulative = Math.fround(cumulative + probabilities[i]!);
    if (coin < cumulative) return i;
  }
  return probabilities.length - 1;
}

/** The same among the most likely tokens only: those that are needed to pass `topP`. */
function sampleNucleus(probabilities: Float32Array, topP: number, coin: number): number {
  const candidates = rankCandidates(probabilities, topP);
  if (candidates.length === 0) return argmax(probabilities);
  let total = 0;
  let count = 0;
  while (count < candidates.length && total <= topP) {
    total = Math.fround(total + probabilities[candidates[count++]!]!);
  }
  const threshold = Math.fround(coin * total);
  let cumulative = 0;
  for (let i = 0; i < count; i++) {
    cumulative = Math.fround(cumulative + probabilities[candidates[i]!]!);
    if (threshold < cumulative) return candidates[i]!;
  }
  return candidates[count - 1]!;
}

/**
 * Token ids by falling probability, equal ones by rising id. Leaves out what run.c leaves out to sort less: a token below
 * (1 - topP) / (V - 1) cannot be needed, since all such together have less than 1 - topP.
 */
function rankCandidates(probabilities: Float32Array, topP: number): Float64Array {
  const cutoff = Math.fround(Math.fround(1 - topP) / (probabilities.length - 1));
  // One number per candidate, which sorts without a comparator: the probability's bits, which rise with it, turned round,
  // above the id. 31 + 22 bits are exact in a float64.
  const bits = new Uint32Array(
    probabilities.buffer,
    probabilities.byteOffset,
    probabilities.length,
  );
  let count = 0;
  for (let i = 0; i < probabilities.length; i++) if (probabilities[i]! >= cutoff) count++;
  const keys = new Float64Array(count);
  for (let i = 0, next = 0; next < count; i++) {
    if (probabilities[i]! >= cutoff) keys[next++] = (MAX_BITS - bits[i]!) * INDEX_RANGE + i;
  }
  keys.sort();
  for (let i = 0; i < count; i++) keys[i] = keys[i]! % INDEX_RANGE;
  return keys;
}
