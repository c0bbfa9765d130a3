/** The random generator of llama2.c's run.c (xorshift64*), so that a seed gives the same text here and there. */
import { InputError } from "./errors.js";

const MASK = (1n << 64n) - 1n;
const MULTIPLIER = 0x2545f4914f6cdd1dn;

/** A seeded sequence of uniform numbers. */
export class XorShift64Star {
  #state: bigint;

  /**
   * @param seed 1 … 2^64 − 1; zero would stay zero for ever. A number must be a safe integer.
   * @throws InputError
   */
  constructor(seed: number | bigint) {
    const isRight = typeof seed === "bigint" ? seed > 0n && seed <= MASK : seed > 0;
    if (!isRight || (typeof seed === "number" && !Number.isSafeInteger(seed))) {
      throw new InputError(
        `XorShift64Star: the seed must be an integer from 1 to 2^64 - 1, got ${seed}. Choose a positive seed.`,
      );
    }
    this.#state = BigInt(seed);
  }

  /** Uniform in 0 … 2^32 − 1. */
  nextUint32(): number {
    let state = this.#state;
    state ^= state >> 12n;
    state ^= (state << 25n) & MASK;
    state ^= state >> 27n;
    this.#state = state;
    return Number(((state * MULTIPLIER) & MASK) >> 32n);
  }

  /** Uniform in [0, 1), a multiple of 2^-24: exact in fp32. */
  nextFloat(): number {
    return (this.nextUint32() >>> 8) / 16_777_216;
  }
}
