/** How long a run is, in micro-steps, and how many of them make an update: said in the unit that suits the caller. */
import { OptionError } from "./errors.js";
import type { TrainOptions } from "./options.js";

/** Micro-steps of a run that only its minutes end. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

const DEFAULT_STEPS = 100;
const DEFAULT_ACCUM = 10;

/** Units of one length: at most one of them is given. */
const LENGTHS = ["steps", "tokens", "epochs"] as const;

/** Micro-steps per update. @throws OptionError */
export function resolveAccum({ accum, batchTokens }: TrainOptions, seq: number): number {
  if (batchTokens === undefined) return accum ?? DEFAULT_ACCUM;
  if (accum !== undefined) {
    throw new OptionError(
      "batchTokens",
      `must be left out where accum is given, got ${batchTokens} and accum ${accum}. Give one of them.`,
    );
  }
  if (batchTokens % seq !== 0) {
    throw new OptionError(
      "batchTokens",
      `must be a multiple of seq = ${seq}, got ${batchTokens}. An update is of whole sequences.`,
    );
  }
  return batchTokens / seq;
}

/**
 * Micro-steps of the run, or undefined where the options do not say. Tokens and epochs are rounded up to whole updates.
 * @throws OptionError where they say it twice
 */
export function givenSteps(
  options: TrainOptions,
  run: { readonly seq: number; readonly accum: number; readonly dataTokens: number },
): number | undefined {
  const [name, second] = LENGTHS.filter((unit) => options[unit] !== undefined);
  if (second !== undefined) {
    throw new OptionError(
      second,
      `must be left out where ${name} is given, got ${options[second]}. Give one of ${LENGTHS.join(", ")}.`,
    );
  }
  const { seq, accum, dataTokens } = run;
  const { steps, tokens, epochs } = options;
  const wanted = tokens ?? (epochs === undefined ? undefined : epochs * dataTokens);
  return wanted === undefined ? steps : Math.ceil(wanted / (seq * accum)) * accum;
}

/** Where nothing says how long a new run is. @param minutes 0 = no limit */
export function defaultSteps(minutes: number): number {
  return minutes > 0 ? UNLIMITED : DEFAULT_STEPS;
}
