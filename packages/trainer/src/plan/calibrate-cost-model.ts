/**
 * Fits the coefficients of the cost model to the published times, and says how well: the error of every row with all rows fitted, and
 * of every step with its row, or all rows of its chip, left out of the fit.
 */
import { resolveConfig } from "@ane/llama-model";
import { type Coefficients, chipRates } from "./chip-rates.js";
import { type Chip, chipNamed } from "./chips.js";
import { fitLogarithms } from "./fit.js";
import { publishedStructure } from "./published-pipelines.js";
import {
  COMPACT_CLASSES,
  PUBLISHED_TIMES,
  type PublishedTime,
  type Quantity,
} from "./published-times.js";
import type { StepStructure } from "./step-structure.js";
import { priceStep, type StepTime, trafficMs } from "./step-time.js";

/** Sequence length of all rows. */
const S = 256;

/** Where the fit starts, and what a coefficient stays at that no row tells anything about. */
const PRIOR: Coefficients = {
  gemm: 0.3,
  clusterExponent: 0.75,
  gradientShare: 0.7,
  conversion: 60,
  copy: 60,
  pass: 12,
  transpose: 6,
  port: 30,
  h13: 6,
  h15: 6,
  h16: 6,
};

/** Where else it starts: a step that waits for its weight gradients and one that does not are two hills. */
const GRADIENT_SHARES = [0.4, 0.6, PRIOR.gradientShare, 0.9];

/** Relative uncertainties that weigh the rows: of a step, of a part of it, of the prior. */
const [STEP_SIGMA, PART_SIGMA, PRIOR_SIGMA] = [0.1, 0.25, 1];

/** Errors are relative to the middle of the published range. */
export interface CalibratedTime extends PublishedTime {
  /** By the coefficients fitted to all rows. */
  readonly predictedMs: number;
  readonly error: number;
  /** Of fitted steps: by coefficients fitted without this row. */
  readonly errorWithoutRow?: number;
  /** Of fitted steps: by coefficients fitted without any row of the chip. */
  readonly errorWithoutChip?: number;
}

export interface Calibration {
  readonly coefficients: Coefficients;
  readonly rows: readonly CalibratedTime[];
}

/** A published time with what its prediction needs. */
interface Observation {
  readonly row: PublishedTime;
  readonly chip: Chip;
  readonly structure: StepStructure;
  /** Middle of the published range, ms. */
  readonly ms: number;
}

/** @param detailed Also fits without each row and each chip, which takes a second. */
export function calibrateCostModel({ detailed }: { readonly detailed: boolean }): Calibration {
  const all = PUBLISHED_TIMES.map(observe);
  const fitted = all.filter(({ row }) => row.notFitted === undefined);
  const coefficients = fitTo(fitted);
  const rows = all.map((observation): CalibratedTime => {
    const { row } = observation;
    const predictedMs = predict(observation, coefficients);
    const calibrated = { ...row, predictedMs, error: predictedMs / observation.ms - 1 };
    if (!detailed || row.quantity !== "step" || row.notFitted !== undefined) return calibrated;
    const errorWith = (others: readonly Observation[]) =>
      predict(observation, fitTo(others)) / observation.ms - 1;
    return {
      ...calibrated,
      errorWithoutRow: errorWith(fitted.filter((other) => other !== observation)),
      errorWithoutChip: errorWith(fitted.filter(({ chip }) => chip !== observation.chip)),
    };
  });
  return { coefficients, rows };
}

function observe(row: PublishedTime): Observation {
  const model = resolveConfig(row.model);
  const classes = row.pipeline === "static" ? model.vocabSize : COMPACT_CLASSES;
  const [low, high] = row.ms;
  return {
    row,
    chip: chipNamed(row.chip),
    structure: publishedStructure(row.pipeline, model, S, classes),
    ms: (low + high) / 2,
  };
}

/** The best of the fits from all starts. */
function fitTo(observations: readonly Observation[]): Coefficients {
  const center = logarithmsOf(PRIOR);
  const residuals = (logarithms: readonly number[]) => {
    const coefficients = coefficientsOf(logarithms);
    return [
      ...observations.map((observation) => {
        const sigma = observation.row.quantity === "step" ? STEP_SIGMA : PART_SIGMA;
        return Math.log(predict(observation, coefficients) / observation.ms) / sigma;
      }),
      ...logarithms.map((value, i) => (value - center[i]!) / PRIOR_SIGMA),
    ];
  };
  const fits = GRADIENT_SHARES.map((gradientShare) => {
    const point = fitLogarithms(logarithmsOf({ ...PRIOR, gradientShare }), residuals);
    return { point, cost: residuals(point).reduce((sum, value) => sum + value ** 2, 0) };
  });
  return coefficientsOf(fits.reduce((a, b) => (b.cost < a.cost ? b : a)).point);
}

const NAMES = Object.keys(PRIOR) as readonly (keyof Coefficients)[];

function logarithmsOf(coefficients: Coefficients): readonly number[] {
  return NAMES.map((name) => Math.log(coefficients[name]));
}

function coefficientsOf(logarithms: readonly number[]): Coefficients {
  const entries = NAMES.map((name, i) => [name, Math.exp(logarithms[i]!)]);
  return Object.fromEntries(entries) as Record<keyof Coefficients, number>;
}

function predict({ row, chip, structure }: Observation, coefficients: Coefficients): number {
  return QUANTITIES[row.quantity](priceStep(structure, chipRates(chip, coefficients)));
}

const QUANTITIES: Readonly<Record<Quantity, (time: StepTime) => number>> = {
  step: ({ step }) => step,
  forwardDevice: ({ forward }) => forward.compute + forward.dispatch,
  forwardTraffic: ({ forward }) => trafficMs(forward),
  classifierForward: ({ classifierProduct }) => classifierProduct,
  forwardPasses: ({ forward, loss }) => forward.passes + loss,
  device: ({ forward, backward }) =>
    forward.compute + forward.dispatch + backward.compute + backward.dispatch,
  traffic: ({ forward, backward }) => trafficMs(forward) + trafficMs(backward),
  passes: ({ forward, backward }) => forward.passes + backward.passes,
  head: ({ classifierProduct, loss }) => 2 * classifierProduct + loss,
  captured: ({ captured }) => captured,
};
