/** What options may be, in words and as tests: a caller in JavaScript has no types that hold it to them. */

/** What one option may be. */
export interface OptionRule {
  /** Completes "must be". */
  readonly rule: string;
  readonly isRequired?: boolean;
  readonly isValid: (given: unknown) => boolean;
}

/** The rules of all options of a function. */
export type OptionRules<Options> = Readonly<Record<keyof Options & string, OptionRule>>;

export const TEXT: OptionRule = {
  rule: "a text that is not empty",
  isValid: (given) => typeof given === "string" && given !== "",
};

export const FLAG: OptionRule = {
  rule: "true or false",
  isValid: (given) => typeof given === "boolean",
};

export const NAMES: OptionRule = { rule: "a list of names", isValid: isListOfNames };

export const LISTS_OF_NAMES: OptionRule = {
  rule: "a list of lists of names",
  isValid: (given) => Array.isArray(given) && given.every(isListOfNames),
};

export function oneOf(...choices: readonly string[]): OptionRule {
  return {
    rule: choices.map((choice) => `"${choice}"`).join(" or "),
    isValid: (given) => choices.includes(given as string),
  };
}

export function required(option: OptionRule): OptionRule {
  return { ...option, isRequired: true };
}

/** What is wrong with the first option that is: `"chip" must be "m1" or "m2", got "m6". Correct it.`; undefined if none is. */
export function wrongOption<Options>(
  options: unknown,
  rules: OptionRules<Options>,
): string | undefined {
  if (!isRecord(options)) return `the options must be an object, got ${shown(options)}. Give one.`;
  const known = Object.keys(rules);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return `known names are ${known.join(", ")}, got "${unknown}". Correct it.`;
  }
  for (const [name, { rule, isRequired, isValid }] of Object.entries<OptionRule>(rules)) {
    const given = options[name];
    const isFine = given === undefined ? !isRequired : isValid(given);
    if (!isFine) return `"${name}" must be ${rule}, got ${shown(given)}. Correct it.`;
  }
  return undefined;
}

export function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** A wrong value as messages show it. */
export function shown(given: unknown): string {
  if (given === undefined) return "none";
  if (typeof given === "string") return JSON.stringify(given);
  if (Array.isArray(given)) return `[${given.map(shown).join(", ")}]`;
  if (typeof given === "function") return "a function";
  return isRecord(given) ? "an object" : String(given);
}

function isListOfNames(given: unknown): boolean {
  return Array.isArray(given) && given.every((name) => typeof name === "string");
}
