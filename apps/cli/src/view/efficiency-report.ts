/** The report at the end of a run: how long, how fast, and where the time went. */
import type { Breakdown, DoneEvent } from "@ane/trainer";
import { formatCount, formatDuration, formatMs } from "./format.js";

const partNames: Readonly<Record<keyof Breakdown, string>> = {
  data: "data",
  device: "device",
  conversion: "conversion",
  classifier: "classifier",
  loss: "loss",
  weightGradient: "dW",
  elementwise: "element-wise",
  optimizer: "optimizer",
  exchange: "exchange",
  staging: "staging",
  other: "other",
};

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "n/a";
}

export function formatReport(done: DoneEvent): string {
  const { report } = done;
  const line = (label: string, value: string) => `  ${label.padEnd(14)}${value}\n`;
  const overhead = (name: string, ms: number) =>
    line(name, `${formatDuration(ms)}  (${share(ms, report.wallMs)} of wall)`);
  const parts = (Object.keys(partNames) as (keyof Breakdown)[])
    .map((key) => ({ name: partNames[key], ms: report.breakdown[key] }))
    .sort((a, b) => b.ms - a.ms)
    .map(({ name, ms }) =>
      line(
        `  ${name}`,
        `${formatMs(ms / Math.max(1, report.steps)).padStart(9)} per step  ${share(ms, report.trainMs).padStart(7)}`,
      ),
    );
  return [
    "\nEfficiency report\n",
    line(
      "steps",
      `${report.steps} micro-steps, ${report.updates} update${report.updates === 1 ? "" : "s"}, ${formatCount(report.tokens)} tokens`,
    ),
    line("wall", formatDuration(report.wallMs)),
    overhead("compile", report.compileMs),
    overhead("train", report.trainMs),
    overhead("restarts", report.restartMs).replace("\n", `  ${report.restarts}x\n`),
    overhead("checkpoints", report.checkpointMs),
    line(
      "speed",
      `${formatMs(report.msPerStep)} per step (median), ${report.tflops.toFixed(3)} TFLOPS`,
    ),
    "  where the training time went:\n",
    ...parts,
    line("run", done.directory),
  ].join("");
}
