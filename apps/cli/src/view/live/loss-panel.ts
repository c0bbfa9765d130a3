/**
 * The loss over micro-steps: a dot for the lowest and the highest of each column, the running mean as a line, held-out losses as
 * marks, and what others achieve on the same text.
 */
import {
  axisPlace,
  axisTicks,
  type Bucket,
  downsample,
  outline,
  type Point,
  type ReferenceLoss,
  referenceLosses,
  tickLabel,
} from "@ane/run-records";
import type { Area } from "./canvas.js";
import { framed } from "./frame.js";
import { DotPlot, type Layer } from "./plot.js";
import { emptiness, type Scene } from "./scene.js";
import type { Style } from "./style.js";

const DOTS: Layer = { style: "dots", ascii: ".", depth: 1 };
const SMOOTHED: Layer = { style: "smoothed", ascii: "*", depth: 2 };
const VALIDATION: Layer = { style: "validation", ascii: "o", depth: 3 };

/** Columns for the labels of the loss axis. */
const LABELS = 7;

export function drawLoss(area: Area, scene: Scene): void {
  const { controls, glyphs, state } = scene;
  const inner = framed(area, glyphs, "loss", describe(scene));
  const { loss } = state.series;
  if (loss.length === 0) {
    inner.text(1, Math.floor(inner.height / 2), emptiness(scene), "dim");
    return;
  }
  const last = loss.last!.step;
  const from =
    controls.window === undefined ? loss.at(0).step : Math.max(1, last - controls.window + 1);
  const steps = { from, to: Math.max(last, from + 1) };
  const stepScale = controls.logSteps ? ("log" as const) : ("linear" as const);
  const range = { ...steps, scale: stepScale };
  const picture = inner.part(LABELS, 0, inner.width - LABELS, inner.height - 1);
  const plot = new DotPlot(picture, glyphs);
  const buckets = downsample(loss, plot.columns, range);
  const smoothed =
    controls.smoothing === 0
      ? []
      : outline(state.series.smoothedLoss[controls.smoothing], plot.columns, range);
  // Marks with gaps between, through which the line is seen.
  const marks = downsample(state.series.validation, Math.ceil(picture.width / 2), range);
  const validation = marks.map(({ last }) => last);
  const references = controls.references && state.config ? referenceLosses(state.config) : [];
  const [low, high] = lossRange(buckets, [...smoothed, ...validation], references);
  const scale = controls.logLoss ? ("log" as const) : ("linear" as const);
  const x = axisPlace(stepScale, Math.max(1, steps.from), steps.to);
  const y = axisPlace(scale, low, high);

  drawReferenceLines(picture, scene, references, y);
  for (const { min, max } of buckets) {
    for (const { step, value } of [min, max]) plot.dot(x(step), y(value), DOTS);
  }
  drawLine(plot, smoothed, x, y, SMOOTHED);
  for (const { step, value } of validation) {
    for (const shift of [-0.5, 0.5]) plot.dot(x(step), y(value) + shift / plot.rows, VALIDATION);
  }
  plot.draw();
  const newest = smoothed.at(-1)?.value ?? loss.last!.value;
  drawReferenceNames(picture, scene, references, y, newest);

  for (const tick of axisTicks(scale, low, high, Math.max(2, Math.floor(picture.height / 3)))) {
    const row = Math.round((1 - y(tick)) * (picture.height - 1));
    inner.textBefore(LABELS - 1, row, tickLabel(tick), "dim");
  }
  drawSteps(inner, stepScale, steps, x);
}

function describe({ controls, glyphs, state }: Scene): (readonly [string, Style])[] {
  const { smoothing } = controls;
  const line = glyphs.braille ? "⠒" : "";
  return [
    smoothing === 0
      ? [glyphs.braille ? "⠪ train" : ". train", "dots"]
      : [`${line || "*"} train (mean ${smoothing})`, "smoothed"],
    ...(state.series.validation.length > 0
      ? [[`${glyphs.braille ? "⠆" : "o"} held out`, "validation"] as const]
      : []),
    ...(controls.window === undefined ? [] : [[`last ${controls.window}`, "dim"] as const]),
    ...(controls.logLoss ? [["log loss", "dim"] as const] : []),
    ...(controls.logSteps ? [["log steps", "dim"] as const] : []),
  ];
}

/** Of the columns' highest losses that are shown for sure: the rest may be spikes, which would press all else together. */
const USUAL = 0.95;

/** All columns' lowest and mean, most highest ones, and the lines; a margin, and the references that are near. */
function lossRange(
  buckets: readonly Bucket[],
  lines: readonly Point[],
  references: readonly ReferenceLoss[],
): [low: number, high: number] {
  const highest = buckets.map(({ max }) => max.value).sort((a, b) => a - b);
  const values = [
    ...highest.slice(0, Math.ceil(USUAL * highest.length)).slice(-1),
    ...buckets.flatMap(({ min, mean }) => [min.value, mean]),
    ...lines.map(({ value }) => value),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = Math.max(high - low, 1e-3 * Math.abs(high), 1e-6);
  const near = references
    .map(({ loss }) => loss)
    .filter((loss) => loss > low - 0.25 * height && loss < high + 0.1 * height);
  const margin = 0.03 * height;
  const bottom = Math.min(low, ...near) - margin;
  return [bottom > 0 ? bottom : low > 0 ? low / 2 : bottom, Math.max(high, ...near) + margin];
}

function drawReferenceLines(
  area: Area,
  { glyphs }: Scene,
  references: readonly ReferenceLoss[],
  y: (loss: number) => number,
): void {
  for (const { loss } of references) {
    const place = y(loss);
    if (place < 0 || place > 1) continue;
    const row = Math.round((1 - place) * (area.height - 1));
    area.text(0, row, glyphs.dashed.repeat(area.width), "reference");
  }
}

/** Above the newest loss at the right, below it at the left, where a falling curve is not; those outside the picture with arrows. */
function drawReferenceNames(
  area: Area,
  { glyphs }: Scene,
  references: readonly ReferenceLoss[],
  y: (loss: number) => number,
  newest: number,
): void {
  const put = (row: number, mark: string, { name, loss }: ReferenceLoss) => {
    const text = `${mark}${name} ${loss.toFixed(2)}`;
    if (loss > newest) area.textBefore(area.width, row, ` ${text}`, "reference");
    else area.text(0, row, `${text} `, "reference");
  };
  for (const reference of references) {
    const place = y(reference.loss);
    if (place >= 0 && place <= 1) put(Math.round((1 - place) * (area.height - 1)), "", reference);
  }
  const above = references.findLast(({ loss }) => y(loss) > 1);
  const below = references.find(({ loss }) => y(loss) < 0);
  const rows = new Set(references.map(({ loss }) => Math.round((1 - y(loss)) * (area.height - 1))));
  if (above && !rows.has(0)) put(0, `${glyphs.up} `, above);
  if (below && !rows.has(area.height - 1)) put(area.height - 1, `${glyphs.down} `, below);
}

function drawLine(
  plot: DotPlot,
  points: readonly Point[],
  x: (step: number) => number,
  y: (value: number) => number,
  layer: Layer,
): void {
  for (const [index, { step, value }] of points.entries()) {
    const place = [x(step), y(value)] as const;
    const before = points[index - 1];
    if (before) plot.line([x(before.step), y(before.value)], place, layer);
    else plot.dot(...place, layer);
  }
}

function drawSteps(
  inner: Area,
  scale: "log" | "linear",
  { from, to }: { from: number; to: number },
  x: (step: number) => number,
): void {
  const width = inner.width - LABELS;
  let free = 0;
  for (const tick of axisTicks(scale, Math.max(1, from), to, Math.max(2, Math.floor(width / 10)))) {
    const label = tickLabel(tick);
    const at = Math.round(x(tick) * (width - 1)) - Math.floor(label.length / 2);
    const start = Math.max(0, Math.min(at, width - label.length));
    if (start < free) continue;
    inner.text(LABELS + start, inner.height - 1, label, "dim");
    free = start + label.length + 1;
  }
}
