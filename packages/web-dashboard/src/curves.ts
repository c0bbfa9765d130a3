/** Curves as a page gets them: a picture's worth of a whole one, and every new point from then on. */
import { downsample, outline, type Point, type RunState, type Series } from "@ane/run-records";
import { CURVES, type Curve, type CurveName, type Curves } from "./wire.js";

/** Columns that a whole curve is drawn in at most. */
const COLUMNS = 1500;

/** Of these a column has its mean: they jump from one micro-step to the next. Of the others its lowest and highest points. */
const NOISY: readonly CurveName[] = ["ms", "tokensPerSecond", "deviceShare", "gradNorm"];

export function wholeCurves(state: RunState): Curves {
  const loss = outline(state.series.loss, COLUMNS);
  return collect((name) => {
    const series = seriesOf(state, name);
    if (name === "smooth90" || name === "smooth98")
      return loss.map(({ step }) => atStep(series, step));
    if (name === "loss") return loss;
    return NOISY.includes(name) ? means(series) : outline(series, COLUMNS);
  });
}

/** What `before`, an earlier state of the same course of the run, does not have. */
export function pointsSince(state: RunState, before: RunState): Curves {
  return collect((name) => pointsFrom(seriesOf(state, name), seriesOf(before, name).length));
}

/** From a micro-step on, it included: an evaluation of it may have come later. */
export function pointsFromStep(state: RunState, step: number): Curves {
  return collect((name) => {
    const series = seriesOf(state, name);
    return pointsFrom(series, series.indexAfter(step - 1));
  });
}

function seriesOf({ series }: RunState, name: CurveName): Series {
  if (name === "smooth90") return series.smoothedLoss[0.9];
  if (name === "smooth98") return series.smoothedLoss[0.98];
  return series[name];
}

function means(series: Series): Point[] {
  if (series.length <= 2 * COLUMNS) return pointsFrom(series, 0);
  return downsample(series, 2 * COLUMNS).map(({ last, mean }) => ({
    step: last.step,
    value: mean,
  }));
}

function pointsFrom(series: Series, index: number): Point[] {
  return Array.from({ length: series.length - index }, (_, offset) => series.at(index + offset));
}

function atStep(series: Series, step: number): Point {
  return series.at(series.indexAfter(step) - 1);
}

function collect(points: (name: CurveName) => readonly Point[]): Curves {
  return Object.fromEntries(
    CURVES.flatMap((name) => {
      const found = points(name);
      return found.length === 0 ? [] : [[name, curve(found)]];
    }),
  );
}

/** With the digits that a picture can show. */
function curve(points: readonly Point[]): Curve {
  return [
    points.map(({ step }) => step),
    points.map(({ value }) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null)),
  ];
}
