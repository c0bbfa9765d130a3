/** The report of a self-test: what is written as JSON, and what the markdown is made from. */
import {
  type CaseRecord,
  type CaseResult,
  changeOf,
  type RuleVerdict,
  ruleVerdicts,
  type SelftestCase,
} from "@ane/ane-runtime/selftest";
import type { Machine } from "./machine.js";

export interface ReportedCase extends CaseResult {
  readonly id: string;
  readonly question: string;
  readonly rule?: string;
  /** What the answer changes about the rule. */
  readonly change?: string;
}

export interface SelftestReport {
  readonly format: "ane-selftest-1";
  readonly created: string;
  readonly machine: Machine;
  readonly model: string;
  readonly sequence: number;
  readonly kernels: readonly ReportedCase[];
  readonly probes: readonly ReportedCase[];
  readonly rules: readonly RuleVerdict[];
  /** Kernels that work, of all. */
  readonly working: number;
  readonly seconds: number;
}

export interface SelftestOutcome {
  readonly machine: Machine;
  readonly model: string;
  readonly sequence: number;
  readonly records: readonly CaseRecord[];
  readonly seconds: number;
}

export const isKernel = ({ id }: Pick<SelftestCase, "id">): boolean => id.startsWith("kernel/");

export function reportOf({ records, ...about }: SelftestOutcome): SelftestReport {
  const reported = records.map((record): ReportedCase => {
    const { id, question, rule } = record.case;
    return { id, question, ...(rule ? { rule, change: changeOf(record) } : {}), ...record.result };
  });
  const kernels = reported.filter(isKernel);
  return {
    format: "ane-selftest-1",
    created: new Date().toISOString(),
    ...about,
    working: kernels.filter(({ answer }) => answer === "works").length,
    kernels,
    probes: reported.filter((record) => !isKernel(record)),
    rules: ruleVerdicts(records),
  };
}
