/**
 * What a self-test says about the verifier's rules: from the probes that ask for a rule, and from every program that breaks one and
 * works, or fails, all the same.
 */
import type { CaseResult, SelftestCase } from "./case.js";

/** A case with its answer. */
export interface CaseRecord {
  readonly case: Pick<SelftestCase, "id" | "question" | "rule" | "changes">;
  readonly result: CaseResult;
}

export interface RuleVerdict {
  readonly rule: string;
  /** "not needed": every program that breaks it works. "consistent": every one fails. "mixed": some. "see probes": no program tells. */
  readonly verdict: "not needed" | "consistent" | "mixed" | "see probes";
  /** Cases and their answers. */
  readonly evidence: readonly string[];
  /** What the probes' answers change. */
  readonly changes: readonly string[];
}

/** Rules in alphabetical order. */
export function ruleVerdicts(records: readonly CaseRecord[]): RuleVerdict[] {
  const rules = new Set(
    records.flatMap(({ case: { rule }, result }) => [
      ...(result.brokenRules ?? []),
      ...(rule ? [rule] : []),
    ]),
  );
  return [...rules].sort().map((rule) => {
    const breaking = records.filter(
      ({ result }) => result.brokenRules?.includes(rule) && result.answer !== "undecided",
    );
    const asking = records.filter((record) => record.case.rule === rule);
    const told = records.filter((record) => breaking.includes(record) || asking.includes(record));
    return {
      rule,
      verdict: verdictOf(breaking),
      evidence: told.map(({ case: { id }, result }) => `${id}: ${result.answer}`),
      changes: asking.map((record) => `${record.case.id}: ${changeOf(record)}`),
    };
  });
}

/** The sentence of the case's table that belongs to the answer. */
export function changeOf({ case: { changes = {} }, result }: CaseRecord): string {
  return changes[result.answer] ?? changes.otherwise ?? "nothing";
}

function verdictOf(breaking: readonly CaseRecord[]): RuleVerdict["verdict"] {
  const working = breaking.filter(({ result }) => result.answer === "works").length;
  if (breaking.length === 0) return "see probes";
  if (working === breaking.length) return "not needed";
  return working === 0 ? "consistent" : "mixed";
}
