/** The options that are numbers: their defaults and what they may be. */
import { OptionError } from "./errors.js";
import type { TrainOptions } from "./options.js";

interface NumericRule {
  /** Without one, leaving the option out means something of its own. */
  readonly default?: number;
  /** Reads after "must be". */
  readonly rule: string;
  readonly accepts: (value: number) => boolean;
  /** What to do instead. */
  readonly remedy: string;
}

const positiveInteger = {
  rule: "a whole number of at least 1",
  accepts: (value: number) => Number.isSafeInteger(value) && value >= 1,
};
const naturalNumber = {
  rule: "a whole number of at least 0",
  accepts: (value: number) => Number.isSafeInteger(value) && value >= 0,
};
const positive = {
  rule: "a finite number above 0",
  accepts: (value: number) => Number.isFinite(value) && value > 0,
};
const notNegative = {
  rule: "a finite number of at least 0",
  accepts: (value: number) => Number.isFinite(value) && value >= 0,
};
const decay = {
  rule: "a number from 0 to below 1",
  accepts: (value: number) => value >= 0 && value < 1,
};

const RULES = {
  steps: { ...positiveInteger, remedy: "Give the number of micro-steps in all." },
  tokens: { ...positiveInteger, remedy: "Give the number of training tokens in all." },
  epochs: { ...positive, remedy: "Give the times that the data is passed." },
  minutes: { default: 0, ...notNegative, remedy: "0 is no limit." },
  accum: { ...positiveInteger, remedy: "Give the micro-steps per update." },
  batchTokens: { ...positiveInteger, remedy: "Give the tokens per update." },
  lr: { default: 3e-4, ...positive, remedy: "3e-4 is the default." },
  warmup: { default: 0, ...naturalNumber, remedy: "0 is no warm-up." },
  minLr: { ...notNegative, remedy: "A tenth of lr is the default." },
  decayUpdates: { ...positiveInteger, remedy: "All of the run is the default." },
  beta1: { default: 0.9, ...decay, remedy: "0.9 is the default." },
  beta2: { default: 0.999, ...decay, remedy: "0.999 is the default." },
  epsilon: { default: 1e-8, ...positive, remedy: "1e-8 is the default." },
  weightDecay: { default: 0, ...notNegative, remedy: "0 is no weight decay." },
  clip: { default: 1, ...notNegative, remedy: "0 is no clipping." },
  zLoss: { default: 0, ...notNegative, remedy: "0 is none; 1e-4 is usual." },
  softcap: {
    rule: "a number from 0 to 1000000",
    accepts: (value: number) => value >= 0 && value <= 1e6, // as a model's logitSoftcap
    remedy: "0 is none; 30 is usual.",
  },
  seed: {
    default: 42,
    rule: "a whole number from 0 to 4294967295",
    accepts: (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
    remedy: "42 is the default.",
  },
  compileBudget: { default: 119, ...naturalNumber, remedy: "0 is no limit." },
  saveEvery: { default: 100, ...naturalNumber, remedy: "0 saves at the end only." },
  keep: { default: 2, ...positiveInteger, remedy: "2 is the default." },
  evalEvery: { default: 0, ...naturalNumber, remedy: "0 evaluates at the end only." },
  sampleEvery: { default: 0, ...naturalNumber, remedy: "0 samples when asked for alone." },
  evalWindows: { default: 32, ...naturalNumber, remedy: "0 is all of the file." },
} as const satisfies Partial<Record<keyof TrainOptions, NumericRule>>;

export type NumericOption = keyof typeof RULES;

/** Those that are numbers also where they are left out. */
export type DefaultedOption = {
  [Name in NumericOption]: (typeof RULES)[Name] extends { readonly default: number } ? Name : never;
}[NumericOption];

export const NUMERIC_OPTIONS = Object.keys(RULES) as NumericOption[];

/** Checks each one that is given by itself. @throws OptionError */
export function expectNumbers(options: TrainOptions): void {
  for (const name of NUMERIC_OPTIONS) {
    const { rule, accepts, remedy }: NumericRule = RULES[name];
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "number" && accepts(value))) continue;
    throw new OptionError(name, `must be ${rule}, got ${String(value)}. ${remedy}`);
  }
}

/** The option's value or its default. */
export function numberOf(options: TrainOptions, name: DefaultedOption): number {
  return options[name] ?? RULES[name].default;
}
