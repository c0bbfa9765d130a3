/** Rules about the program's header and dialect, by chip and by version of macOS. */
import { hasOpset } from "../../opset.js";
import type { Opset } from "../../program.js";
import type { Chip, Os } from "../diagnostic.js";
import { headerRule, operationRule, type Rule, surfaceRule } from "../rule.js";

const FIRST_CHIPS: readonly Chip[] = ["m1", "m2"];
const EVIDENCE = "maderix/ANE pull request 6 and ANE_BENCHMARK_REPORT.md";

/** Newest opset of each macOS (coremltools AvailableTarget: iOS15 is macOS 12, and so on). */
const NEWEST_OPSETS: readonly (readonly [Os, Opset])[] = [
  ["macos12", "ios15"],
  ["macos13", "ios16"],
  ["macos14", "ios17"],
  ["macos15", "ios18"],
];

const DIALECT = headerRule({
  id: "dialect",
  statement: "the program is written in dialect 1.0, with verbose literals",
  status: "agreed",
  evidence: EVIDENCE,
  remedy: 'Print it with dialect "1.0".',
  chips: FIRST_CHIPS,
  broken: ({ program: { version } }) => (version === "1.0" ? undefined : version),
});

const DIALECT_OS = headerRule({
  id: "dialect-os",
  statement: "the program is written in dialect 1.0, as 1.3 needs macOS 15",
  status: "agreed",
  evidence: "maderix/ANE pull request 6; model.mil files by version of macOS",
  remedy: 'Print it with dialect "1.0".',
  os: ["macos12", "macos13", "macos14"],
  broken: ({ program: { version } }) => (version === "1.0" ? undefined : version),
});

const OPSET_OS = NEWEST_OPSETS.map(([os, newest]) =>
  headerRule({
    id: `opset-${os}`,
    statement: `the function's opset is ${newest} or older`,
    status: "language",
    evidence: "coremltools _deployment_compatibility.py, AvailableTarget",
    remedy: `Build the program with opset "${newest}".`,
    os: [os],
    broken: ({ function: { opset } }) =>
      opset === newest || !hasOpset(opset, newest) ? undefined : opset,
  }),
);

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

const BUILD_INFO = headerRule({
  id: "build-info",
  statement: "buildInfo has a coremlc-version",
  status: "single report",
  evidence: "field-guide; its value does not matter",
  remedy: 'Add the key "coremlc-version".',
  broken: ({ program: { buildInfo } }) =>
    "coremlc-version" in buildInfo ? undefined : `keys [${Object.keys(buildInfo).join(", ")}]`,
});

export const DIALECT_RULES: readonly Rule[] = [
  DIALECT,
  DIALECT_OS,
  ...OPSET_OS,
  OLD_OPSET,
  HALF_SURFACES,
  NO_CAST,
  BUILD_INFO,
];
