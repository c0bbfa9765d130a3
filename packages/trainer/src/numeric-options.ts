/** The options that are numbers: their defaults and what they may be. */
import { OptionError } from "./errors.js";
import type { TrainOptions } from "./options.js";

interface NumericRule {
  readonly default: number;
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
  steps: { default: 100, ...positiveInteger, remedy: "Give the number of micro-steps in all." },
  accum: { default: 10, ...positiveInteger, remedy: "Give the micro-steps per update." },
  lr: { default: 3e-4, ...positive, remedy: "3e-4 is the default." },
  beta1: { default: 0.9, ...decay, remedy: "0.9 is the default." },
  beta2: { default: 0.999, ...decay, remedy: "0.999 is the default." },
  epsilon: { default: 1e-8, ...positive, remedy: "1e-8 is the default." },
  weightDecay: { default: 0, ...notNegative, remedy: "0 is no weight decay." },
  clip: { default: 1, ...notNegative, remedy: "0 is no clipping." },
  lossScale: { default: 256, ...positive, remedy: "256 is the default, 1 no scaling." },
  seed: {
    default: 42,
    rule: "a whole number from 0 to 4294967295",
    accepts: (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
    remedy: "42 is the default.",
  },
  compileBudget: { default: 119, ...naturalNumber, remedy: "0 is no limit." },
  saveEvery: { default: 100, ...naturalNumber, remedy: "0 saves at the end only." },
} as const satisfies Partial<Record<keyof TrainOptions, NumericRule>>;

export type NumericOption = keyof typeof RULES;

export const NUMERIC_OPTIONS = Object.keys(RULES) as NumericOption[];

/** The option's value or its default. @throws OptionError */
export function resolveNumber(options: TrainOptions, name: NumericOption): number {
  const rule: NumericRule = RULES[name];
  const value: unknown = options[name];
  if (value === undefined) return rule.default;
  if (typeof value === "number" && rule.accepts(value)) return value;
  throw new OptionError(name, `must be ${rule.rule}, got ${String(value)}. ${rule.remedy}`);
}
