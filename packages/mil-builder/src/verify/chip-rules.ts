/** What the first two chips read (maderix/ANE pull request 6 and its benchmark report), and the program's header. */

import { hasOpset } from "../opset.js";
import type { Chip } from "./diagnostic.js";
import { headerRule, operationRule, type Rule, surfaceRule } from "./rule.js";

const FIRST_CHIPS: readonly Chip[] = ["m1", "m2"];
const EVIDENCE = "maderix/ANE pull request 6 and ANE_BENCHMARK_REPORT.md";

const DIALECT = headerRule({
  id: "dialect",
  statement: "the program is written in dialect 1.0",
  status: "agreed",
  evidence: EVIDENCE,
  remedy: 'Print it with dialect "1.0".',
  chips: FIRST_CHIPS,
  broken: ({ program: { version } }) => (version === "1.0" ? undefined : version),
});

const OLD_OPSET = headerRule({
  id: "old-opset",
  statement: "the function's opset is ios16 or older",
  status: "single report",
  evidence: EVIDENCE,
  remedy: 'Build the program with opset "ios16".',
  chips: FIRST_CHIPS,
  broken: ({ function: { opset } }) => (hasOpset(opset, "ios17") ? opset : undefined),
});

const HALF_SURFACES = surfaceRule({
  id: "fp16-surfaces",
  statement: "inputs and outputs are fp16",
  status: "agreed",
  evidence: EVIDENCE,
  remedy: "Convert on the CPU.",
  chips: FIRST_CHIPS,
  broken: ({ dtype }) => (dtype === "fp16" ? undefined : dtype),
});

const NO_CAST = operationRule({
  id: "no-cast",
  statement: "there is no cast",
  status: "agreed",
  evidence: EVIDENCE,
  remedy: "Convert on the CPU.",
  chips: FIRST_CHIPS,
  ops: ["cast"],
  broken: () => "cast",
});

const ONE_BLOB = operationRule({
  id: "one-blob-per-file",
  statement: "every weight has a file of its own, at offset 64",
  status: "agreed",
  evidence: EVIDENCE,
  remedy: "Write each blob to its own file.",
  chips: FIRST_CHIPS,
  ops: ["const"],
  broken: ({ attributes: { val } }) =>
    val?.kind !== "blob" || val.offset === 64 ? undefined : `offset ${val.offset}`,
});

const BUILD_INFO = headerRule({
  id: "build-info",
  statement: "buildInfo has a coremlc-version",
  status: "single report",
  evidence: "field-guide; its value does not matter",
  remedy: 'Add the key "coremlc-version".',
  broken: ({ program: { buildInfo } }) =>
    "coremlc-version" in buildInfo ? undefined : `keys [${Object.keys(buildInfo).join(", ")}]`,
});

export const CHIP_RULES: readonly Rule[] = [
  DIALECT,
  OLD_OPSET,
  HALF_SURFACES,
  NO_CAST,
  ONE_BLOB,
  BUILD_INFO,
];
