/** What a joint graph is made of besides its program. */
import { isRecord, NAMES, type OptionRules, required, TEXT } from "./option-rules.js";
import { OWN_RULES } from "./own-rules.js";
import type { Rules } from "./vjp.js";

/** What is differentiated. */
export interface JointOptions {
  /** Values whose gradients are given, by name, and the name of the input to add for each; null: 1, for a single element. */
  readonly seeds: Readonly<Record<string, string | null>>;
  /** Values whose gradients are wanted: inputs, constants, intermediate results. */
  readonly wrt: readonly string[];
  /** Which function of the program. Default "main". */
  readonly function?: string;
  /** Rules in place of or beside those of the table, by op type. */
  readonly rules?: Rules;
}

export const JOINT_OPTIONS: OptionRules<JointOptions> = {
  seeds: {
    rule: "an object with a text or null for each value",
    isRequired: true,
    isValid: (given) =>
      isRecord(given) &&
      Object.values(given).every((seed) => seed === null || typeof seed === "string"),
  },
  wrt: required(NAMES),
  function: TEXT,
  rules: OWN_RULES,
};
