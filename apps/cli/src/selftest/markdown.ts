/** A self-test's report for people: to be read, and to be posted. */
import type { EngineInfo } from "@ane/ane-runtime";
import { formatBytes } from "../view/format.js";
import type { Machine } from "./machine.js";
import type { ReportedCase, SelftestReport } from "./report.js";

export function markdownOf(report: SelftestReport): string {
  const { kernels, probes, rules, working, model, sequence, created, seconds } = report;
  return [
    "# Self-test",
    "",
    `${created}, ${Math.round(seconds)} s. ${working} of ${kernels.length} kernels of ${model} (sequences of ${sequence}) work.`,
    "",
    ...table(["", ""], machineRows(report.machine)),
    "",
    "## Kernels",
    "",
    "A kernel works if every tensor differs from the reference by at most one unit in the last fp16 place of its largest element per",
    "rounding on the longest chain of ops.",
    "",
    ...table(
      [
        "kernel",
        "answer",
        "roundings",
        "compile ms",
        "evaluate ms (quartiles)",
        "TFLOPS",
        "details",
      ],
      kernels.map(kernelRow),
    ),
    "",
    "## Probes",
    "",
    ...(probes.length === 0
      ? ["Not asked: they are about the Neural Engine, and this is the cpu device."]
      : table(["probe", "question", "answer", "details", "changes"], probes.map(probeRow))),
    "",
    "## Rules of the verifier",
    "",
    "not needed: programs that break the rule work here. consistent: they fail. mixed: some do. see probes: only the probes ask for it.",
    "",
    ...table(
      ["rule", "verdict", "evidence", "changes"],
      rules.map(({ rule, verdict, evidence, changes }) => [
        rule,
        verdict,
        evidence.join("; "),
        changes.join("; "),
      ]),
    ),
    "",
  ].join("\n");
}

function machineRows({
  system,
  processor,
  memoryBytes,
  node,
  device,
  engine,
}: Machine): string[][] {
  const rows = [
    ["system", system],
    ["processor", `${processor}, ${formatBytes(memoryBytes)}`],
    ["Node", node],
    ["device", device],
  ];
  return engine ? [...rows, ["engine", engineLine(engine)]] : rows;
}

function engineLine({ missing, ...known }: EngineInfo): string {
  const facts = Object.entries(known).map(([name, value]) => `${name} ${value ?? "unknown"}`);
  return [
    ...facts,
    missing.length === 0 ? "nothing missing" : `missing: ${missing.join(", ")}`,
  ].join("; ");
}

function kernelRow({
  id,
  answer,
  observed,
  compileMs,
  dispatchMs,
  teraflops,
  details,
}: ReportedCase): string[] {
  const number = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? "";
  return [
    id.replace("kernel/", ""),
    answer,
    String(observed?.roundings ?? ""),
    number(compileMs, 1),
    dispatchMs
      ? `${dispatchMs.median.toFixed(3)} (${dispatchMs.lower.toFixed(3)} to ${dispatchMs.upper.toFixed(3)})`
      : "",
    teraflops ? number(teraflops, 3) : "",
    details,
  ];
}

function probeRow({ id, question, answer, details, change = "" }: ReportedCase): string[] {
  return [id, question, answer, details, change];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line)];
}

/** On one line, and no part of the table. */
function cellOf(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}
