/** Passed, skipped and failed cases per op, as data and as a table. */
import type { OpCase } from "./op-case.js";
import { runOpCase } from "./run-op-case.js";

export { readOpCases } from "./op-case.js";

export interface OpReport {
  readonly op: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failed: number;
  /** Distinct reasons of skipped and failed cases. */
  readonly reasons: readonly string[];
}

/** One entry per op, by name. */
export function reportOpCases(cases: readonly OpCase[]): readonly OpReport[] {
  const ops = [...new Set(cases.map(({ op }) => op))].sort();
  return ops.map((op) => {
    const outcomes = cases.filter((opCase) => opCase.op === op).map(runOpCase);
    const count = (status: string) => outcomes.filter((it) => it.status === status).length;
    return {
      op,
      passed: count("passed"),
      skipped: count("skipped"),
      failed: count("failed"),
      reasons: [...new Set(outcomes.flatMap((it) => (it.status === "passed" ? [] : it.reason)))],
    };
  });
}

/** An op is covered if at least one of its cases is compared. */
export function isCovered({ passed, failed }: OpReport): boolean {
  return passed + failed > 0;
}

/** The report as text, one line per op, totals at the end. */
export function formatOpReport(reports: readonly OpReport[]): string {
  const total = (key: "passed" | "skipped" | "failed") =>
    reports.reduce((sum, report) => sum + report[key], 0);
  const row = (name: string, ...cells: readonly (number | string)[]) =>
    `${name.padEnd(40)}${cells.map((cell) => `${cell}`.padStart(8)).join("")}`;
  const lines = reports.map(
    ({ op, passed, skipped, failed, reasons }) =>
      `${row(op, passed, skipped, failed)}${reasons.length === 0 ? "" : `  ${reasons[0]}`}`,
  );
  const covered = reports.filter(isCovered).length;
  return [
    row("op", "passed", "skipped", "failed"),
    ...lines,
    row("all", total("passed"), total("skipped"), total("failed")),
    `${covered} of ${reports.length} ops covered`,
  ].join("\n");
}
