/** Rules of the caller's own, beside and before those of the table. */
import type { MilFunction } from "../program.js";
import { GradientError } from "./gradient-error.js";
import { isRecord, type OptionRule, shown } from "./option-rules.js";
import { RULES } from "./rules.js";
import type { Rules } from "./vjp.js";

/** As an option. */
export const OWN_RULES: OptionRule = {
  rule: "an object with a rule for each op type",
  isValid: isRecord,
};

/** That rules are rules, each of an op type. @throws GradientError naming the one that is not */
export function expectRules(rules: unknown): void {
  if (!isRecord(rules)) {
    throw new GradientError(
      "rule",
      `rules must be ${OWN_RULES.rule}, got ${shown(rules)}. Correct it.`,
    );
  }
  const wrong = Object.entries(rules).find(([, entry]) => !isEntry(entry));
  if (wrong === undefined) return;
  const [type, entry] = wrong;
  throw new GradientError(
    "rule",
    `the rule of "${type}" must be a function, { zero: reason } or { refused: reason, advice }, got ${shown(entry)}. Correct it.`,
  );
}

/** All rules for a function. @throws GradientError if one is of no op */
export function rulesFor({ name, operations }: MilFunction, own: Rules = {}): Rules {
  expectRules(own);
  const types = new Set(operations.map(({ type }) => type));
  const isKnown = (type: string) => Object.hasOwn(RULES, type) || types.has(type);
  const unknown = Object.keys(own).find((type) => !isKnown(type));
  if (unknown === undefined) return { ...RULES, ...own };
  throw new GradientError(
    "rule",
    `rules must be of ops, got one of "${unknown}", which neither MIL nor function "${name}" has. Correct its name; the function has ${[...types].join(", ")}.`,
  );
}

function isEntry(entry: unknown): boolean {
  if (typeof entry === "function") return true;
  if (!isRecord(entry)) return false;
  const isText = (name: string) => typeof entry[name] === "string";
  return "zero" in entry ? isText("zero") : isText("refused") && isText("advice");
}
