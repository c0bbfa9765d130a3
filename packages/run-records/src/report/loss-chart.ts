/**
 * Curves of losses over micro-steps as an SVG picture that needs nothing else: light or dark as its reader prefers, and named
 * in words for those who cannot see it.
 */
import { type AxisScale, axisPlace, axisTicks, tickLabel } from "../axes.js";
import { outline } from "../downsample.js";
import type { ReferenceLoss } from "../reference-losses.js";
import { lowest, type Point, type Series } from "../series.js";
import { escapeMarkup } from "./markup.js";

export interface ChartCurve {
  readonly name: string;
  /** Number of its colour; curves of one run may share one. */
  readonly colour: number;
  /** "cloud": thin and faint, for values that jump. "marked": a line with its points. */
  readonly look: "cloud" | "line" | "marked";
  readonly series: Series;
}

export interface ChartOptions {
  /** What the picture shows, in a few words. */
  readonly title: string;
  /** Of the axis of micro-steps. Default "linear". */
  readonly scale?: AxisScale;
  /** Drawn where they lie within the range of the curves. */
  readonly references?: readonly ReferenceLoss[];
}

export const CHART_COLOURS = 6;

const [WIDTH, HEIGHT] = [860, 400];
const AREA = { left: 56, right: WIDTH - 16, top: 40, bottom: HEIGHT - 44 };
/** Points of a curve: two to a column of this many. */
const COLUMNS = 360;
/** A marked curve of more points is drawn without marks. */
const MOST_MARKS = 60;

const STYLE = `
.chart{--c0:#2563eb;--c1:#d97706;--c2:#059669;--c3:#db2777;--c4:#7c3aed;--c5:#0891b2;--ink:#1f2937;--soft:#6b7280;--rule:#e5e7eb;--halo:#fff;font:12px system-ui,sans-serif;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.chart{--c0:#60a5fa;--c1:#fbbf24;--c2:#34d399;--c3:#f472b6;--c4:#a78bfa;--c5:#22d3ee;--ink:#e5e7eb;--soft:#9ca3af;--rule:#374151;--halo:#111827}}
.chart text{fill:var(--soft);stroke:var(--halo);stroke-width:3px;paint-order:stroke;stroke-linejoin:round}.chart .name{fill:var(--ink)}.chart path{fill:none;stroke-linejoin:round}
.chart .rule{stroke:var(--rule)}.chart .reference{stroke:var(--soft);stroke-dasharray:4 4}
.chart .cloud{stroke-width:1;opacity:.28}.chart .line{stroke-width:1.7}.chart .marked{stroke-width:2}
`.trim();

export function lossChart(
  curves: readonly ChartCurve[],
  { title, scale = "linear", references = [] }: ChartOptions,
): string {
  const drawn = curves
    .map((curve) => ({ ...curve, points: outline(curve.series, COLUMNS, { scale }) }))
    .filter(({ points }) => points.length > 0);
  const body = drawn.length === 0 ? emptyBody() : chartBody(drawn, scale, references);
  return [
    `<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escapeMarkup(describe(title, drawn))}">`,
    `<style>${STYLE}</style>`,
    ...body,
    "</svg>",
  ].join("\n");
}

interface DrawnCurve extends ChartCurve {
  readonly points: readonly Point[];
}

function chartBody(
  curves: readonly DrawnCurve[],
  scale: AxisScale,
  references: readonly ReferenceLoss[],
): string[] {
  const steps = curves.flatMap(({ points }) => [points[0]!.step, points.at(-1)!.step]);
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value));
  const [first, last] = [Math.max(scale === "log" ? 1 : 0, Math.min(...steps)), Math.max(...steps)];
  const [low, high] = widened(minimum(values), maximum(values));
  const placeX = axisPlace(scale, first, last);
  const placeY = axisPlace("linear", low, high);
  const x = (step: number) => round(AREA.left + placeX(step) * (AREA.right - AREA.left));
  const y = (value: number) => round(AREA.bottom - placeY(value) * (AREA.bottom - AREA.top));
  return [
    ...axisTicks("linear", low, high, 7).map(
      (tick) =>
        `<path class="rule" d="M${AREA.left} ${y(tick)}H${AREA.right}"/><text x="${AREA.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tickLabel(tick)}</text>`,
    ),
    ...axisTicks(scale, first, last, 9).map(
      (tick) =>
        `<text x="${x(tick)}" y="${AREA.bottom + 18}" text-anchor="middle">${tickLabel(tick)}</text>`,
    ),
    `<text x="${AREA.right}" y="${HEIGHT - 8}" text-anchor="end">micro-step</text>`,
    ...references
      .filter(({ loss }) => loss >= low && loss <= high)
      .map(
        ({ name, loss }) =>
          `<path class="reference" d="M${AREA.left} ${y(loss)}H${AREA.right}"/><text x="${AREA.right}" y="${y(loss) - 5}" text-anchor="end">${escapeMarkup(name)} ${loss.toFixed(2)}</text>`,
      ),
    ...curves.map((curve) => drawCurve(curve, x, y)),
    ...legend(curves),
  ];
}

function drawCurve(
  { points, look, colour }: DrawnCurve,
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  const stroke = `var(--c${colour % CHART_COLOURS})`;
  const path = points.map(({ step, value }) => `${x(step)} ${y(value)}`).join("L");
  const line = `<path class="${look}" stroke="${stroke}" d="M${path}${points.length === 1 ? "h.1" : ""}"/>`;
  if (look !== "marked" || points.length > MOST_MARKS) return line;
  const marks = points.map(
    ({ step, value }) => `<circle cx="${x(step)}" cy="${y(value)}" r="3.2" fill="${stroke}"/>`,
  );
  return line + marks.join("");
}

/** In one row above the area; a cloud is explained by the line through it. */
function legend(curves: readonly DrawnCurve[]): string[] {
  let left = AREA.left;
  return curves
    .filter(({ look }) => look !== "cloud")
    .map(({ name, colour, look }) => {
      const stroke = `var(--c${colour % CHART_COLOURS})`;
      const mark =
        look === "marked" ? `<circle cx="${left + 9}" cy="18" r="3.2" fill="${stroke}"/>` : "";
      const item = `<path class="line" stroke="${stroke}" d="M${left} 18h18"/>${mark}<text class="name" x="${left + 24}" y="22">${escapeMarkup(name)}</text>`;
      left += 44 + 7 * name.length;
      return item;
    });
}

function emptyBody(): string[] {
  return [`<text x="${WIDTH / 2}" y="${HEIGHT / 2}" text-anchor="middle">no losses yet</text>`];
}

function describe(title: string, curves: readonly DrawnCurve[]): string {
  const parts = curves
    .filter(({ look }) => look !== "cloud")
    .map(({ name, series }) => {
      const best = lowest(series)!;
      return `${name} ends at ${series.last!.value.toFixed(3)}, lowest ${best.value.toFixed(3)} at micro-step ${best.step}`;
    });
  return [title, ...parts].join("; ");
}

function widened(low: number, high: number): [number, number] {
  const margin = high > low ? 0.04 * (high - low) : Math.max(0.5, 0.1 * Math.abs(low));
  return [low - margin, high + margin];
}

const minimum = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const maximum = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
