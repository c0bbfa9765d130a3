/** Several runs in a terminal: their losses in one plot, their results and settings in tables. */
import {
  axisPlace,
  axisTicks,
  type Comparison,
  outline,
  type Point,
  type Run,
  type RunNumbers,
  tickLabel,
} from "@ane/run-records";
import { formatCount, formatDuration, formatMs } from "./format.js";
import { Canvas } from "./live/canvas.js";
import { DotPlot, type Layer } from "./live/plot.js";
import type { Glyphs, Style } from "./live/style.js";
import { formatTable } from "./table.js";

/** Of the runs in their order. */
const STYLES: readonly Style[] = ["smoothed", "validation", "reference", "good", "bad", "key"];

/** Columns for the labels of the loss axis. */
const LABELS = 7;

export interface PictureOptions {
  readonly width: number;
  readonly height: number;
  readonly glyphs: Glyphs;
}

/** Of each run the smoothed training loss as a line, and each loss on held-out text as a mark: its letter. */
export function drawComparison(
  runs: readonly Run[],
  { width, height, glyphs }: PictureOptions,
): Canvas {
  const canvas = new Canvas(width, height + runs.length);
  const { area } = canvas;
  for (const [index, { id }] of runs.entries()) {
    area.text(0, index, `${letter(index)} ${id}`, style(index));
  }
  const curves = runs.map(({ state }) => {
    const { smoothedLoss, validation } = state.series;
    return {
      losses: outline(smoothedLoss[0.9], 2 * width),
      heldOut: outline(validation, width),
    };
  });
  const points = curves.flatMap(({ losses, heldOut }) => [...losses, ...heldOut]);
  if (points.length === 0) {
    area.text(0, runs.length, "no micro-step yet", "dim");
    return canvas;
  }
  const [from, to] = rangeOf(points.map(({ step }) => step));
  const [low, high] = rangeOf(points.map(({ value }) => value));
  const x = axisPlace("linear", from, to);
  const y = axisPlace("linear", low, high);
  const picture = area.part(LABELS, runs.length, width - LABELS, height - 1);
  const plot = new DotPlot(picture, glyphs);
  for (const [index, { losses }] of curves.entries()) {
    const layer = { style: style(index), ascii: letter(index).toLowerCase(), depth: index };
    drawLine(plot, losses, x, y, layer);
  }
  plot.draw();
  for (const [index, { heldOut }] of curves.entries()) {
    for (const { step, value } of heldOut) {
      const column = Math.round(x(step) * (picture.width - 1));
      const row = Math.round((1 - y(value)) * (picture.height - 1));
      picture.text(column, row, letter(index), style(index));
    }
  }
  for (const tick of axisTicks("linear", low, high, Math.floor(picture.height / 3))) {
    const row = Math.round((1 - y(tick)) * (picture.height - 1));
    area.textBefore(LABELS - 1, runs.length + row, tickLabel(tick), "dim");
  }
  for (const tick of axisTicks("linear", from, to, Math.max(2, Math.floor(picture.width / 12)))) {
    const label = tickLabel(tick);
    const centre = LABELS + Math.round(x(tick) * (picture.width - 1));
    const start = Math.min(width - label.length, centre - Math.floor(label.length / 2));
    area.text(Math.max(LABELS, start), runs.length + height - 1, label, "dim");
  }
  return canvas;
}

const letter = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);
const style = (index: number) => STYLES[index % STYLES.length]!;

function rangeOf(values: readonly number[]): [low: number, high: number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function drawLine(
  plot: DotPlot,
  points: readonly Point[],
  x: (step: number) => number,
  y: (value: number) => number,
  layer: Layer,
): void {
  for (const [index, { step, value }] of points.entries()) {
    const before = points[index - 1] ?? points[index]!;
    plot.line([x(before.step), y(before.value)], [x(step), y(value)], layer);
  }
}

const RESULTS: readonly (readonly [
  label: string,
  format: (numbers: RunNumbers) => string | undefined,
])[] = [
  ["micro-steps", ({ step, steps }) => (steps === undefined ? String(step) : `${step}/${steps}`)],
  ["tokens", ({ tokens }) => (tokens === undefined ? undefined : formatCount(tokens))],
  ["training loss", ({ smoothedLoss }) => smoothedLoss?.[0.98].toFixed(4)],
  ["lowest held out", ({ bestValidation }) => bestValidation?.value.toFixed(4)],
  ["at micro-step", ({ bestValidation }) => bestValidation?.step.toString()],
  ["bits per byte", ({ bitsPerByte }) => bitsPerByte?.toFixed(4)],
  [
    "ms per micro-step",
    ({ msPerStep }) => (msPerStep === undefined ? undefined : formatMs(msPerStep)),
  ],
  ["tokens per second", ({ tokensPerSecond }) => tokensPerSecond?.toFixed(0)],
  ["worked", ({ workedMs }) => formatDuration(workedMs)],
];

/** Results, then the settings that are not the same in all runs. */
export function formatComparison({ runs, differences }: Comparison): string {
  const head = ["", ...runs.map(({ id }, index) => `${letter(index)} ${shortName(id)}`)];
  const alignment = `l${"r".repeat(runs.length)}`;
  const results = [
    ["state", ...runs.map(({ status }) => status)],
    ...RESULTS.map(([label, format]) => [
      label,
      ...runs.map(({ numbers }) => format(numbers) ?? "n/a"),
    ]),
  ];
  const settings = differences.map(({ name, values }) => [
    name,
    ...values.map((value) => shortened(value ?? "none")),
  ]);
  if (settings.length === 0) {
    return `${formatTable([head, ...results], alignment)}\n\nAll settings are the same.`;
  }
  const gap = [head.map(() => ""), ["different settings", ...runs.map(() => "")]];
  return formatTable([head, ...results, ...gap, ...settings], alignment);
}

/** Names of runs differ at either end. */
function shortName(name: string): string {
  return name.length <= 32 ? name : `${name.slice(0, 15)}…${name.slice(-16)}`;
}

/** Digests and paths are known by their ends. */
function shortened(value: string): string {
  return value.length <= 32 ? value : `…${value.slice(-31)}`;
}
