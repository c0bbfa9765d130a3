/** What is known of a run in numbers; "n/a" where it is not known. */
import { formatBytes, formatCount, formatDuration, formatMs } from "@ane/run-records";
import { type Area, textWidth } from "./canvas.js";
import { framed } from "./frame.js";
import { type Scene, timeOfDay } from "./scene.js";
import type { Style } from "./style.js";

interface Row {
  readonly label: string;
  readonly value: string;
  readonly style?: Style;
}

const UNKNOWN = "n/a";

/** Columns of one label with its value. */
const COLUMN = 27;
const GAP = 2;

export function drawNumbers(area: Area, scene: Scene): void {
  const rows = rowsOf(scene);
  const inner = framed(area, scene.glyphs, "numbers");
  const hidden = Math.max(0, rows.length - inner.height * columnsOf(inner));
  drawRows(inner, rows.slice(Math.min(scene.controls.rowsDown, hidden)));
}

function columnsOf(area: Area): number {
  return Math.max(1, Math.floor((area.width + GAP - 2) / (COLUMN + GAP)));
}

/** As many columns as there is room for, filled one after the other; what has no room is left out. */
export function drawRows(area: Area, rows: readonly Row[]): void {
  const columns = columnsOf(area);
  const width = Math.floor((area.width - 2 - (columns - 1) * GAP) / columns);
  const perColumn = Math.max(1, Math.min(area.height, Math.ceil(rows.length / columns)));
  for (const [index, { label, value, style = "plain" }] of rows.entries()) {
    const column = Math.floor(index / perColumn);
    if (column >= columns) return;
    const cell = area.part(1 + column * (width + GAP), index % perColumn, width, 1);
    const isUnknown = value === UNKNOWN;
    cell.text(0, 0, label, "dim");
    if (textWidth(label) + 1 + textWidth(value) > width) {
      cell.text(textWidth(label) + 1, 0, value, isUnknown ? "dim" : style);
    } else cell.textBefore(width, 0, value, isUnknown ? "dim" : style);
  }
}

/** What can be done without, where there is not room for all. */
const SECONDARY = new Set([
  "tokens",
  "epoch",
  "worked",
  "best mean",
  "bits per byte",
  "device busy",
  "device TFLOPS",
  "of measured peak",
]);

/** The most important ones first. */
export function rowsOf(scene: Scene): Row[] {
  const rows = [progress, losses, speed, update, machine].flatMap((group) => group(scene));
  const isPrimary = ({ label }: Row) => !SECONDARY.has(label);
  return [...rows.filter(isPrimary), ...rows.filter((row) => !isPrimary(row))];
}

function progress({ numbers, status, now, utcOffset, state }: Scene): Row[] {
  const { step, steps, tokens, epoch, remainingMs, workedMs } = numbers;
  const isRunning = status === "running" && !state.isPaused;
  const finish = isRunning && remainingMs !== undefined ? now + remainingMs : undefined;
  return [
    {
      label: "step",
      value: steps === undefined ? String(step) : `${step}/${steps}`,
      style: "bold",
    },
    { label: "tokens", value: known(tokens, formatCount) },
    { label: "epoch", value: known(epoch, (value) => value.toFixed(2)) },
    { label: "worked", value: formatDuration(workedMs) },
    { label: "ETA", value: isRunning ? known(remainingMs, formatDuration) : UNKNOWN },
    { label: "finish", value: known(finish, (time) => timeOfDay(time, utcOffset)) },
  ];
}

function losses({ numbers, controls }: Scene): Row[] {
  const { loss, smoothedLoss, bestSmoothedLoss, validation, bestValidation } = numbers;
  const mean = smoothedLoss?.[controls.smoothing === 0.9 ? 0.9 : 0.98];
  return [
    { label: "loss", value: known(loss, digits) },
    {
      label: `mean (${controls.smoothing === 0.9 ? 0.9 : 0.98})`,
      value: known(mean, digits),
      style: "smoothed",
    },
    { label: "best mean", value: known(bestSmoothedLoss?.value, digits) },
    { label: "held out", value: known(validation?.value, digits), style: "validation" },
    { label: "best held out", value: known(bestValidation?.value, digits) },
    { label: "perplexity", value: known(numbers.perplexity, (value) => value.toPrecision(4)) },
    { label: "bits per byte", value: known(numbers.bitsPerByte, (value) => value.toFixed(3)) },
  ];
}

function speed({ numbers, peakTflops }: Scene): Row[] {
  const { deviceTflops } = numbers;
  const ofPeak = deviceTflops && peakTflops ? deviceTflops / peakTflops : undefined;
  return [
    { label: "tokens/s", value: known(numbers.tokensPerSecond, (value) => value.toFixed(0)) },
    { label: "per micro-step", value: known(numbers.msPerStep, formatMs) },
    { label: "device busy", value: known(numbers.deviceShare, percent) },
    { label: "TFLOPS", value: known(numbers.tflops, (value) => value.toPrecision(3)) },
    { label: "device TFLOPS", value: known(deviceTflops, (value) => value.toPrecision(3)) },
    { label: "of measured peak", value: known(ofPeak, percent) },
  ];
}

function update({ numbers, state }: Scene): Row[] {
  const { budget, restarts, checkpoints } = state;
  const limit = budget && budget.limit > 0 ? ` of ${budget.limit}` : "";
  return [
    { label: "learning rate", value: known(numbers.lr, (value) => value.toExponential(2)) },
    { label: "gradient norm", value: known(numbers.gradNorm, (value) => value.toPrecision(3)) },
    { label: "clipped", value: known(numbers.clipShare, percent) },
    { label: "loss scale", value: known(numbers.lossScale, String) },
    {
      label: "skipped",
      value: String(numbers.skippedUpdates),
      style: numbers.skippedUpdates > 0 ? "warning" : "plain",
    },
    { label: "underflow", value: known(numbers.underflow, percent) },
    { label: "restarts", value: String(restarts) },
    { label: "compiled", value: known(budget, ({ used }) => `${used}${limit}`) },
    { label: "saved at", value: known(checkpoints.last?.step, String) },
  ];
}

function machine({ state, numbers, status }: Scene): Row[] {
  const system = status === "running" ? state.system : undefined;
  const { power, thermal } = system ?? {};
  const watts = (value: number) => `${value.toFixed(2)} W`;
  return [
    { label: "memory", value: known(state.system?.memory, formatBytes) },
    { label: "CPU", value: known(system, (s) => `${s.busyCores.toFixed(1)} of ${s.cores} cores`) },
    { label: "ANE power", value: known(power?.ane, watts) },
    { label: "CPU power", value: known(power?.cpu, watts) },
    { label: "GPU power", value: known(power?.gpu, watts) },
    {
      label: "energy/token",
      value: known(numbers.joulesPerToken, (value) => `${(1000 * value).toPrecision(3)} mJ`),
    },
    {
      label: "thermal",
      value: known(thermal, String),
      style: thermal === undefined || thermal === "nominal" ? "plain" : "warning",
    },
  ];
}

function known<T>(value: T | undefined, format: (value: T) => string): string {
  return value === undefined ? UNKNOWN : format(value);
}

function digits(value: number): string {
  return value.toFixed(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
