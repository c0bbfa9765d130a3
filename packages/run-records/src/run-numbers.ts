/** The numbers that views show of a run, each undefined where the record does not tell it. */
import type { Breakdown, StepEvent } from "@ane/trainer";
import type { RunState } from "./run-state.js";
import { lowest, type Point } from "./series.js";
import type { Smoothing } from "./smoothing.js";

export interface RunNumbers {
  /** Micro-steps done. */
  readonly step: number;
  /** Micro-steps in all; undefined where only time ends the run. */
  readonly steps: number | undefined;
  /** Trained on. */
  readonly tokens: number | undefined;
  /** Times that the training text would have been seen: tokens over tokens of the text. */
  readonly epoch: number | undefined;
  /** Of the newest micro-step. */
  readonly loss: number | undefined;
  readonly smoothedLoss: Readonly<Record<Smoothing, number>> | undefined;
  /** Lowest running mean (0.98). */
  readonly bestSmoothedLoss: Point | undefined;
  readonly validation: Point | undefined;
  readonly bestValidation: Point | undefined;
  /** exp of the validation loss. */
  readonly perplexity: number | undefined;
  /** exp of the smoothed (0.98) training loss; over the classes of that loss. */
  readonly trainPerplexity: number | undefined;
  /** Of the validation loss, where the text's bytes per token are known. */
  readonly bitsPerByte: number | undefined;
  readonly lr: number | undefined;
  readonly gradNorm: number | undefined;
  /** Share of the updates whose gradient was clipped, 0 to 1. */
  readonly clipShare: number | undefined;
  readonly updates: number;
  readonly skippedUpdates: number;
  readonly lossScale: number | undefined;
  readonly underflow: number | undefined;
  /** Means over the newest micro-steps (`RECENT_STEPS`), per event: one micro-step on each rank. */
  readonly msPerStep: number | undefined;
  readonly breakdown: Breakdown | undefined;
  readonly tokensPerSecond: number | undefined;
  /** Share of the time that the device worked, 0 to 1. */
  readonly deviceShare: number | undefined;
  /** 10^12 floating-point operations per second: of the micro-step over its time, of the device over its own. */
  readonly tflops: number | undefined;
  readonly deviceTflops: number | undefined;
  /** Of the machine at last, all the parts that it tells; per token trained on. */
  readonly watts: number | undefined;
  readonly joulesPerToken: number | undefined;
  /** What the run's processes worked, pauses left out, in milliseconds, void micro-steps included. */
  readonly workedMs: number;
  /** Until the run's end, restarts, compilations, checkpoints and evaluations as frequent as so far; 0 when it has ended. */
  readonly remainingMs: number | undefined;
}

const MS_PER_MINUTE = 60_000;

export function runNumbers(state: RunState): RunNumbers {
  const { series } = state;
  const validation = series.validation.last;
  const newest = state.recent.at(-1);
  const smoothed = series.smoothedLoss[0.98].last;
  const { pause, ...worked } = state.times;
  const workedMs = Object.values(worked).reduce((sum, ms) => sum + ms, 0);
  return {
    ...length(state),
    loss: newest?.loss,
    smoothedLoss: smoothed && { 0.9: series.smoothedLoss[0.9].last!.value, 0.98: smoothed.value },
    bestSmoothedLoss: state.bestSmoothedLoss,
    validation,
    bestValidation: lowest(series.validation),
    perplexity: validation && Math.exp(validation.value),
    trainPerplexity: smoothed && Math.exp(smoothed.value),
    bitsPerByte: series.bitsPerByte.last?.value,
    lr: newest?.lr,
    gradNorm: series.gradNorm.last?.value,
    clipShare: clipShare(state),
    updates: series.gradNorm.length,
    skippedUpdates: state.skippedUpdates,
    lossScale: series.lossScale.last?.value,
    underflow: series.underflow.last?.value,
    ...speed(state),
    ...power(state),
    workedMs,
    remainingMs: remainingMs(state, workedMs),
  };
}

function length({
  config,
  run,
  step,
}: RunState): Pick<RunNumbers, "step" | "steps" | "tokens" | "epoch"> {
  const tokens = config && step * config.recipe.seq;
  return {
    step,
    steps: run && run.steps < Number.MAX_SAFE_INTEGER ? run.steps : undefined,
    tokens,
    epoch: config && (step * config.recipe.seq) / config.recipe.data.tokens,
  };
}

function clipShare({ config, series, clippedUpdates }: RunState): number | undefined {
  const updates = series.gradNorm.length;
  return config && config.recipe.clip > 0 && updates > 0 ? clippedUpdates / updates : undefined;
}

type Speed = Pick<
  RunNumbers,
  "msPerStep" | "breakdown" | "tokensPerSecond" | "deviceShare" | "tflops" | "deviceTflops"
>;

function speed({ recent, run }: RunState): Speed {
  const mean = (value: (event: StepEvent) => number) =>
    recent.length === 0
      ? undefined
      : recent.reduce((sum, event) => sum + value(event), 0) / recent.length;
  const ms = mean((event) => event.ms);
  const deviceMs = mean(({ breakdown }) => breakdown.device);
  const tokens = mean((event) => event.tokens);
  const deviceFlops = mean(({ counts }) => counts.deviceFlops);
  const parts = Object.keys(recent.at(-1)?.breakdown ?? {}) as (keyof Breakdown)[];
  return {
    msPerStep: ms,
    breakdown:
      ms === undefined
        ? undefined
        : (Object.fromEntries(
            parts.map((part) => [part, mean(({ breakdown }) => breakdown[part])]),
          ) as unknown as Breakdown),
    tokensPerSecond: over(tokens, ms, 1e-3),
    deviceShare: over(deviceMs, ms, 1),
    tflops: over(run && run.ranks * run.flopsPerStep, ms, 1e9),
    deviceTflops: over(deviceFlops, deviceMs, 1e9),
  };
}

function power({ system, recent }: RunState): Pick<RunNumbers, "watts" | "joulesPerToken"> {
  const parts = Object.values(system?.power ?? {});
  if (parts.length === 0) return { watts: undefined, joulesPerToken: undefined };
  const watts = parts.reduce((sum, part) => sum + part, 0);
  const { tokens, ms } = recent.at(-1) ?? {};
  return { watts, joulesPerToken: tokens && ms && (watts * ms) / 1000 / tokens };
}

/** Undefined where one is unknown or the divisor is 0. */
function over(
  value: number | undefined,
  divisor: number | undefined,
  unit: number,
): number | undefined {
  return value === undefined || !divisor ? undefined : value / divisor / unit;
}

function remainingMs(
  { run, recent, step, times, done }: RunState,
  workedMs: number,
): number | undefined {
  if (done) return 0;
  if (!run || recent.length === 0 || times.steps === 0) return undefined;
  const overhead = workedMs / times.steps;
  const ms = recent.reduce((sum, event) => sum + event.ms, 0) / recent.length / run.ranks;
  const limits = [
    ...(run.steps < Number.MAX_SAFE_INTEGER ? [(run.steps - step) * ms * overhead] : []),
    ...(run.minutes > 0 ? [run.minutes * MS_PER_MINUTE - workedMs] : []),
  ];
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits));
}
