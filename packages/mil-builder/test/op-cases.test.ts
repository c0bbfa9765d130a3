/**
 * Op-level cases of coremltools' unit tests: inferred types must be equal, and values within the author's tolerance of what
 * was expected. `OP=conv,matmul` runs these ops alone; `scripts/report-op-cases.mjs` prints the table.
 */
import { describe, expect, it } from "vitest";
import { externalData } from "./fixtures.js";
import { readOpCases } from "./op-cases/op-case.js";
import { isCovered, reportOpCases } from "./op-cases/op-report.js";

const path = externalData("mil", "coremltools-op-cases.json.gz");
const wanted = process.env.OP?.split(",");

describe.skipIf(path === undefined)("op cases of coremltools", () => {
  const cases = path === undefined ? [] : readOpCases(path);
  const chosen = cases.filter(({ op }) => wanted?.includes(op) ?? true);
  const reports = reportOpCases(chosen);

  it.each(reports)("$op: $passed passed, $skipped skipped, $failed failed", (report) => {
    expect(report.failed, report.reasons.join("\n")).toBe(0);
  });

  it.skipIf(wanted !== undefined)("cover the ops that matter", () => {
    const compared = reports.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
    const passed = reports.reduce((sum, report) => sum + report.passed, 0);
    expect(reports.filter(isCovered).length).toBeGreaterThanOrEqual(130);
    expect(passed / compared).toBeGreaterThanOrEqual(0.95);
  });
});
