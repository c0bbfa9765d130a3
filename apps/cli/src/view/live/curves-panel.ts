/** Small plots of what else changes from micro-step to micro-step, as many as there is room for. */
import { axisPlace, downsample, formatBytes, type Series, tickLabel } from "@ane/run-records";
import type { Area } from "./canvas.js";
import { framed } from "./frame.js";
import { DotPlot, type Layer } from "./plot.js";
import type { Scene } from "./scene.js";

const LINE: Layer = { style: "smoothed", ascii: "*", depth: 1 };

const LEAST_WIDTH = 24;
const LEAST_HEIGHT = 4;

interface Curve {
  readonly name: string;
  readonly series: Series;
  readonly format: (value: number) => string;
}

export function drawCurves(area: Area, scene: Scene): void {
  const inner = framed(area, scene.glyphs, "curves");
  const curves = curvesOf(scene);
  const across = Math.max(1, Math.min(curves.length, Math.floor(inner.width / LEAST_WIDTH)));
  const down = Math.max(
    1,
    Math.min(Math.ceil(curves.length / across), Math.floor(inner.height / LEAST_HEIGHT)),
  );
  const [width, height] = [Math.floor(inner.width / across), Math.floor(inner.height / down)];
  for (const [index, curve] of curves.slice(0, across * down).entries()) {
    const [x, y] = [(index % across) * width, Math.floor(index / across) * height];
    drawCurve(inner.part(x + 1, y, width - 2, height), scene, curve);
  }
}

function curvesOf({ state }: Scene): Curve[] {
  const { series } = state;
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  const watts = (value: number) => `${value.toFixed(1)} W`;
  const always: Curve[] = [
    { name: "learning rate", series: series.lr, format: (value) => value.toExponential(1) },
    { name: "gradient norm", series: series.gradNorm, format: tickLabel },
    { name: "tokens/s", series: series.tokensPerSecond, format: (value) => value.toFixed(0) },
    { name: "device busy", series: series.deviceShare, format: percent },
    { name: "memory", series: series.memory, format: formatBytes },
    { name: "loss scale", series: series.lossScale, format: tickLabel },
    { name: "busy cores", series: series.busyCores, format: (value) => value.toFixed(1) },
  ];
  const power: Curve[] = [
    { name: "ANE power", series: series.anePower, format: watts },
    { name: "CPU power", series: series.cpuPower, format: watts },
    { name: "GPU power", series: series.gpuPower, format: watts },
  ];
  return [...always, ...power.filter((curve) => curve.series.length > 0)];
}

function drawCurve(area: Area, { controls, glyphs, state }: Scene, curve: Curve): void {
  const { name, series, format } = curve;
  const newest = series.last;
  area.text(0, 0, name, "dim");
  area.textBefore(area.width, 0, newest ? format(newest.value) : "n/a", newest ? "bold" : "dim");
  if (!newest) return;
  const picture = area.part(0, 1, area.width, area.height - 1);
  const plot = new DotPlot(picture, glyphs);
  const from = controls.window === undefined ? series.at(0).step : state.step - controls.window + 1;
  const to = Math.max(newest.step, from + 1);
  const buckets = downsample(series, plot.columns, { from, to });
  const values = buckets.flatMap(({ min, max }) => [min.value, max.value]);
  const y = axisPlace("linear", Math.min(...values), Math.max(...values));
  const x = axisPlace("linear", from, to);
  for (const { min, max } of buckets) {
    plot.line([x(min.step), y(min.value)], [x(max.step), y(max.value)], LINE);
  }
  for (const [index, { last }] of buckets.entries()) {
    const next = buckets[index + 1];
    if (!next) continue;
    plot.line([x(last.step), y(last.value)], [x(next.min.step), y(next.mean)], LINE);
  }
  plot.draw();
}
