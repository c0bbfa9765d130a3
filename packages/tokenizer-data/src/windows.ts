// Where training and evaluation sequences start in a stream of tokens. A window is seqLen inputs and, one further, seqLen
// targets: seqLen + 1 tokens. Random windows are a function of (seed, counter): the counter is the sampler's whole state.

import { ArgumentError } from "./errors.js";
import { philox4x32 } from "./philox.js";

// Last counter word; other users of Philox with the same seed take another and stay independent. "wind"
const STREAM = 0x77696e64;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * Start of random window number `counter`, uniform over all `tokenCount - seqLen` starts (rejection, so without bias).
 * @param seed non-negative safe integer
 * @param counter non-negative safe integer
 * @throws ArgumentError when the tokens are fewer than seqLen + 1 or an argument is out of range.
 */
export function randomWindow(
  seed: number,
  counter: number,
  tokenCount: number,
  seqLen: number,
): number {
  expectCount("seed", seed, 0);
  expectCount("counter", counter, 0);
  const starts = countStarts(tokenCount, seqLen);
  const limit = TWO_53 - (TWO_53 % starts);
  const key = [seed >>> 0, Math.floor(seed / TWO_32)] as const;
  for (let attempt = 0; ; attempt++) {
    const [a, b, c, d] = philox4x32(
      [counter >>> 0, Math.floor(counter / TWO_32), attempt, STREAM],
      key,
    );
    const first = (a >>> 11) * TWO_32 + b;
    if (first < limit) return first % starts;
    const second = (c >>> 11) * TWO_32 + d;
    if (second < limit) return second % starts;
  }
}

/**
 * Starts of the windows that follow each other without overlap, for evaluation: 0, seqLen, 2·seqLen, …
 * @param maxWindows only the first so many. Default: all complete windows.
 * @throws ArgumentError when the tokens are fewer than seqLen + 1 or an argument is out of range.
 */
export function windowStarts(
  tokenCount: number,
  seqLen: number,
  maxWindows = Number.MAX_SAFE_INTEGER,
): number[] {
  countStarts(tokenCount, seqLen);
  expectCount("maxWindows", maxWindows, 1);
  const count = Math.min(maxWindows, Math.floor((tokenCount - 1) / seqLen));
  return Array.from({ length: count }, (_, index) => index * seqLen);
}

function countStarts(tokenCount: number, seqLen: number): number {
  expectCount("seqLen", seqLen, 1);
  expectCount("tokenCount", tokenCount, 0);
  if (tokenCount <= seqLen) {
    throw new ArgumentError(
      `window: ${seqLen + 1} tokens are needed for a sequence of ${seqLen}, got ${tokenCount}. Use more text or a shorter sequence.`,
    );
  }
  return tokenCount - seqLen;
}

function expectCount(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new ArgumentError(`window: ${name} must be an integer of ${min} or more, got ${value}.`);
  }
}
