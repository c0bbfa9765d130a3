/** Curves as a page gets them: a picture's worth of what lies far back or far apart, every point of what is near. */
import { downsample, outline, type Point, type RunState, type Series } from "@ane/run-records";
import { CURVES, type Curve, type CurveName, type Curves } from "./wire.js";

/** Columns that a curve is thinned to. Where it has no more than two points for each, it is not. */
const COLUMNS = 1500;

/** Newest micro-steps that are sent with all their points. */
const NEAR = 1000;

/** Of these a column has its mean: they jump from one micro-step to the next. Of the others its lowest and highest points. */
const NOISY: readonly CurveName[] = ["ms", "tokensPerSecond", "deviceShare", "gradNorm"];

export function wholeCurves(state: RunState): Curves {
  const near = Math.max(state.step - NEAR, 0);
  const [far, newest] = [curvesBetween(state, 0, near), pointsFromStep(state, near + 1)];
  return Object.fromEntries(
    CURVES.flatMap((name) => {
      const parts = [far[name], newest[name]].filter((part) => part !== undefined);
      if (parts.length === 0) return [];
      return [[name, [parts.flatMap(([steps]) => steps), parts.flatMap(([, values]) => values)]]];
    }),
  );
}

/** Both micro-steps included. */
export function curvesBetween(state: RunState, from: number, to: number): Curves {
  const loss = thinned(state.series.loss, "loss", from, to);
  return collect((name) => {
    const series = seriesOf(state, name);
    const isMean = name === "smooth90" || name === "smooth98";
    return isMean
      ? loss.map(({ step }) => series.at(series.indexAfter(step) - 1))
      : thinned(series, name, from, to);
  });
}

/** What `before`, an earlier state of the same course of the run, does not have. */
export function pointsSince(state: RunState, before: RunState): Curves {
  return collect((name) => points(seriesOf(state, name), seriesOf(before, name).length));
}

/** From a micro-step on, it included: an evaluation of it may have come later. */
export function pointsFromStep(state: RunState, step: number): Curves {
  return collect((name) => {
    const series = seriesOf(state, name);
    return points(series, series.indexAfter(step - 1));
  });
}

function seriesOf({ series }: RunState, name: CurveName): Series {
  if (name === "smooth90") return series.smoothedLoss[0.9];
  if (name === "smooth98") return series.smoothedLoss[0.98];
  return series[name];
}

function thinned(series: Series, name: CurveName, from: number, to: number): Point[] {
  const [begin, end] = [series.indexAfter(from - 1), series.indexAfter(to)];
  if (end - begin <= 2 * COLUMNS) return points(series, begin, end);
  if (!NOISY.includes(name)) return outline(series, COLUMNS, { from, to });
  return downsample(series, 2 * COLUMNS, { from, to }).map(({ last, mean }) => ({
    step: last.step,
    value: mean,
  }));
}

function points(series: Series, begin: number, end = series.length): Point[] {
  return Array.from({ length: end - begin }, (_, offset) => series.at(begin + offset));
}

function collect(pointsOf: (name: CurveName) => readonly Point[]): Curves {
  return Object.fromEntries(
    CURVES.flatMap((name) => {
      const found = pointsOf(name);
      return found.length === 0 ? [] : [[name, curve(found)]];
    }),
  );
}

/** With the digits that a picture can show. */
function curve(found: readonly Point[]): Curve {
  return [
    found.map(({ step }) => step),
    found.map(({ value }) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null)),
  ];
}
