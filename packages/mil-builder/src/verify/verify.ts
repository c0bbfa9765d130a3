/** Checks a program against the language and against what public projects report about the engine. */
import type { Program } from "../program.js";
import type { Diagnostic, VerifyOptions } from "./diagnostic.js";
import { type Finding, type Rule, SEVERITIES } from "./rule.js";
import { RULES } from "./rules.js";
import { Scope } from "./scope.js";

/**
 * The rules that a program breaks, none for a program that should run everywhere. Rules of single chips and versions of macOS
 * are checked only for the `chip` and `os` that are asked for.
 */
export function verify(program: Program, { chip, os }: VerifyOptions = {}): Diagnostic[] {
  const rules = RULES.filter((rule) => concerns(rule.chips, chip) && concerns(rule.os, os));
  const diagnostics: Diagnostic[] = [];
  for (const fn of program.functions) {
    const scope = new Scope(program, fn, chip);
    for (const rule of rules) {
      if (rule.ops !== undefined && !scope.has(rule.ops)) continue;
      for (const finding of rule.check(scope)) diagnostics.push(diagnose(rule, finding));
    }
  }
  return diagnostics;
}

/** True for rules of all machines, and for rules of the one that is asked for. */
function concerns<T>(known: readonly T[] | undefined, asked: T | undefined): boolean {
  return known === undefined || (asked !== undefined && known.includes(asked));
}

function diagnose(
  { id, statement, status, evidence, remedy }: Rule,
  { where, actual }: Finding,
): Diagnostic {
  return {
    rule: id,
    severity: SEVERITIES[status],
    where,
    message: `${statement}, got ${actual}`,
    evidence,
    remedy,
  };
}
