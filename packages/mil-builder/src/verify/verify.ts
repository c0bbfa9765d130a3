/** Checks a program against the language and against what public projects report about the engine. */
import type { Program } from "../program.js";
import { ATTENTION_RULES } from "./attention-rules.js";
import { CHIP_RULES } from "./chip-rules.js";
import { CONV_RULES } from "./conv-rules.js";
import { DENIED_OP_RULES } from "./denied-ops.js";
import type { Chip, Diagnostic } from "./diagnostic.js";
import { OP_RULES } from "./op-rules.js";
import type { Rule } from "./rule.js";
import { Scope } from "./scope.js";
import { STRUCTURE_RULES } from "./structure-rules.js";
import { SURFACE_RULES } from "./surface-rules.js";

/** All rules, in the order in which they are reported. */
export const RULES: readonly Rule[] = [
  ...STRUCTURE_RULES,
  ...SURFACE_RULES,
  ...CHIP_RULES,
  ...CONV_RULES,
  ...ATTENTION_RULES,
  ...OP_RULES,
  ...DENIED_OP_RULES,
];

/**
 * The rules that a program breaks, none for a program that should run everywhere. Rules of single chips are checked
 * only for the `chip` that is asked for.
 */
export function verify(program: Program, options: { readonly chip?: Chip } = {}): Diagnostic[] {
  const { chip } = options;
  const rules = RULES.filter(({ chips }) => !chips || (chip !== undefined && chips.includes(chip)));
  return program.functions.flatMap((fn) => {
    const scope = new Scope(program, fn);
    return rules.flatMap((rule) =>
      Array.from(rule.check(scope), (finding) => diagnose(rule, finding)),
    );
  });
}

function diagnose(
  { id, statement, status, evidence, remedy }: Rule,
  { where, actual }: { where: string; actual: string },
): Diagnostic {
  return {
    rule: id,
    severity: status === "language" || status === "agreed" ? "error" : "warning",
    where,
    message: `${statement}, got ${actual}`,
    evidence,
    remedy,
  };
}
