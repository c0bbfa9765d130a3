// Prints passed, skipped and failed op cases of coremltools per op. Needs the cases, in the folder that ANE_TEST_DATA names.
// Usage: ANE_TEST_DATA=... node scripts/report-op-cases.mjs [op ...]
import { join } from "node:path";
import { withSource } from "./load-source.mjs";

const folder = process.env.ANE_TEST_DATA;
if (folder === undefined)
  throw new Error("ANE_TEST_DATA is not set: it names the folder of the test data");

const wanted = process.argv.slice(2);
await withSource("test/op-cases/op-report.ts", ({ formatOpReport, readOpCases, reportOpCases }) => {
  const cases = readOpCases(join(folder, "mil", "coremltools-op-cases.json.gz"));
  const chosen = cases.filter(({ op }) => wanted.length === 0 || wanted.includes(op));
  console.log(formatOpReport(reportOpCases(chosen)));
});
