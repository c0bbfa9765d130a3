/** Text generation, one sequence at a time, with the control flow of llama2.c's run.c. V = vocabulary. */
import { InputError } from "./errors.js";
import { sampleToken } from "./sample-token.js";
import { XorShift64Star } from "./xor-shift.js";

/** Begins every story in the training data, so it also ends the one before. */
const BOS = 1;

/** Gives logits token by token: `Decoder`, or another model's. */
export interface TokenDecoder {
  /** Sequences decoded together. */
  readonly batch: number;
  /** Positions that it has. */
  readonly maxSeqLen: number;
  /**
   * @param tokens The one of `position`, which follows the last call's.
   * @param isWanted False where the token after it is known, so that the logits are not looked at.
   * @returns Logits [V] of the next token, overwritten by the next call.
   */
  forward(tokens: ArrayLike<number>, position: number, isWanted: boolean): Float32Array;
}

/** What to continue, how far, and how to choose. */
export interface GenerateOptions {
  /** Of batch 1; its cache is overwritten. */
  readonly decoder: TokenDecoder;
  /** At least one token, normally BOS first. */
  readonly promptTokens: ArrayLike<number>;
  /** Positions to run, prompt included; 0, or more than the decoder has, for all it has. Default 0. */
  readonly steps?: number;
  /** Default 1. */
  readonly temperature?: number;
  /** Default 0.9. */
  readonly topP?: number;
  /** Positive. The same seed gives run.c's text for `-s seed`. */
  readonly seed: number | bigint;
}

/**
 * Yields the tokens after the first one of the prompt: first the rest of the prompt, then sampled ones; ends before a BOS.
 * @throws InputError
 */
export function* generate(options: GenerateOptions): Generator<number, void, undefined> {
  const { decoder, promptTokens, steps = 0, temperature = 1, topP = 0.9, seed } = options;
  if (decoder.batch !== 1) {
    throw new InputError(
      `generate: the decoder must have batch 1, got ${decoder.batch}. Create one with { batch: 1 }.`,
    );
  }
  if (promptTokens.length === 0) {
    throw new InputError(
      "generate: promptTokens must not be empty, got 0 tokens. Begin with BOS (1).",
    );
  }
  if (!Number.isInteger(steps) || steps < 0) {
    throw new InputError(
      `generate: steps must be an integer from 0, got ${steps}. Use 0 for all positions.`,
    );
  }
  const generator = new XorShift64Star(seed);
  const sampling = { temperature, topP, random: () => generator.nextFloat() };
  const positions = steps === 0 ? decoder.maxSeqLen : Math.min(steps, decoder.maxSeqLen);
  const token = new Int32Array([promptTokens[0]!]);
  for (let position = 0; position < positions; position++) {
    const given = promptTokens[position + 1];
    const logits = decoder.forward(token, position, given === undefined);
    const next = given ?? sampleToken(logits, sampling);
    if (next === BOS) return;
    yield next;
    token[0] = next;
  }
}
