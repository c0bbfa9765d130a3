/** Adds one event to what is known of a run. Pure: the state given stays as it is. */
import type {
  CheckpointEvent,
  EvaluationEvent,
  RunEvent,
  StepEvent,
  SystemEvent,
} from "@ane/trainer";
import { type LogLine, logLines } from "./log-line.js";
import type { RecordedEvent } from "./recorded-event.js";
import {
  LOG_LINES,
  RECENT_STEPS,
  type RunSeries,
  type RunState,
  type RunTimes,
  SAMPLES,
} from "./run-state.js";
import { lowest, Series } from "./series.js";
import { nextMean, type Smoothing } from "./smoothing.js";

/**
 * A resumed run goes on from a checkpoint: micro-steps that its record has beyond that one are void. They leave the series, the
 * samples and the counters; the log keeps its lines and says what happened, and the times keep what was spent.
 * Events of unknown types change nothing.
 */
export function reduceRun(state: RunState, event: RecordedEvent): RunState {
  const next = withTime(apply(state, event), event.time);
  const lines = [...voidLine(state, event), ...logLines(event, state.step)];
  return lines.length === 0 ? next : { ...next, log: [...state.log, ...lines].slice(-LOG_LINES) };
}

function apply(state: RunState, event: RecordedEvent): RunState {
  switch (event.type) {
    case "run":
      return begin(state, event);
    case "step":
      return addStep(state, event);
    case "compile": {
      const { used, limit, ms } = event;
      return {
        ...state,
        times: spent(state, "compile", ms),
        compilation: event,
        budget: { used, limit },
      };
    }
    case "restart": {
      const { limit, ms } = event;
      const restarts = state.restarts + 1;
      return { ...state, times: spent(state, "restart", ms), restarts, budget: { used: 0, limit } };
    }
    case "checkpoint": {
      const checkpoints = { ...state.checkpoints, [event.kind]: event };
      return { ...state, times: spent(state, "checkpoint", event.ms), checkpoints };
    }
    case "evaluation":
      return addEvaluation(state, event);
    case "sample":
      return { ...state, samples: [...state.samples, event].slice(-SAMPLES) };
    case "pause":
      return { ...state, isPaused: true };
    case "resume":
      return { ...state, times: spent(state, "pause", event.ms), isPaused: false };
    case "system":
      return addSystem(state, event);
    case "done":
      return { ...state, done: event };
    default:
      return state;
  }
}

function begin(state: RunState, run: RunEvent): RunState {
  const { resumedFrom } = run;
  const invocations = state.invocations + 1;
  const begun = {
    ...state,
    run,
    invocations,
    step: resumedFrom,
    budget: undefined,
    isPaused: false,
    done: undefined,
  };
  if (resumedFrom >= state.step) return begun;
  const series = seriesUntil(state.series, resumedFrom);
  const isValid = ({ step }: { readonly step: number }) => step <= resumedFrom;
  return {
    ...begun,
    rewinds: state.rewinds + 1,
    series,
    recent: state.recent.filter(isValid),
    bestSmoothedLoss: lowest(series.smoothedLoss[0.98]),
    clippedUpdates: clippedAmong(series.gradNorm, state.config?.recipe.clip),
    samples: state.samples.filter(isValid),
    system: undefined,
    checkpoints: Object.fromEntries(
      Object.entries(state.checkpoints).filter(([, checkpoint]) => isValid(checkpoint)),
    ) as Partial<Record<CheckpointEvent["kind"], CheckpointEvent>>,
  };
}

function addStep(state: RunState, event: StepEvent): RunState {
  const { step, gradNorm, skippedUpdates = state.skippedUpdates } = event;
  const isClipped = isAbove(gradNorm, state.config?.recipe.clip);
  const series = seriesWith(state.series, event);
  const smoothed = series.smoothedLoss[0.98].last!;
  const best = state.bestSmoothedLoss;
  return {
    ...state,
    times: spent(state, "steps", event.ms),
    step,
    series,
    bestSmoothedLoss: best && best.value <= smoothed.value ? best : smoothed,
    recent: [...state.recent.slice(1 - RECENT_STEPS), event],
    clippedUpdates: state.clippedUpdates + Number(isClipped),
    skippedUpdates,
  };
}

function addEvaluation(state: RunState, event: EvaluationEvent): RunState {
  const { step, meanNll, bitsPerByte, ms } = event;
  const { series } = state;
  return {
    ...state,
    times: spent(state, "evaluation", ms),
    series: {
      ...series,
      validation: series.validation.push(step, meanNll ?? Number.NaN),
      bitsPerByte:
        bitsPerByte === undefined ? series.bitsPerByte : series.bitsPerByte.push(step, bitsPerByte),
    },
  };
}

function addSystem(state: RunState, event: SystemEvent): RunState {
  const { step, ms, memory, busyCores, power = {} } = event;
  const parts = Object.values(power);
  const watts = parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part, 0);
  const { series, joules = 0 } = state;
  const grown = (old: Series, value: number | undefined) =>
    value === undefined ? old : old.push(step, value);
  return {
    ...state,
    system: event,
    joules: watts === undefined ? state.joules : joules + (watts * ms) / 1000,
    series: {
      ...series,
      memory: grown(series.memory, memory),
      busyCores: grown(series.busyCores, busyCores),
      anePower: grown(series.anePower, power.ane),
      cpuPower: grown(series.cpuPower, power.cpu),
      gpuPower: grown(series.gpuPower, power.gpu),
    },
  };
}

function seriesWith(series: RunSeries, event: StepEvent): RunSeries {
  const { step, lr, ms, tokens, breakdown, gradNorm, lossScale, underflow } = event;
  const loss = event.loss ?? Number.NaN; // JSON has no NaN
  const steps = series.loss.steps.push(step);
  const grown = (old: Series, value: number) => new Series(steps, old.values.push(value));
  const smoothed = (old: Series, beta: Smoothing) => {
    const mean = old.last?.value ?? 0;
    return grown(old, Number.isFinite(loss) ? nextMean(beta, mean, old.length, loss) : mean);
  };
  return {
    ...series,
    loss: grown(series.loss, loss),
    smoothedLoss: {
      0.9: smoothed(series.smoothedLoss[0.9], 0.9),
      0.98: smoothed(series.smoothedLoss[0.98], 0.98),
    },
    lr: grown(series.lr, lr),
    ms: grown(series.ms, ms),
    tokensPerSecond: grown(series.tokensPerSecond, (1000 * tokens) / ms),
    deviceShare: grown(series.deviceShare, breakdown.device / ms),
    gradNorm: gradNorm === undefined ? series.gradNorm : series.gradNorm.push(step, gradNorm),
    lossScale: lossScale === undefined ? series.lossScale : series.lossScale.push(step, lossScale),
    underflow: underflow === undefined ? series.underflow : series.underflow.push(step, underflow),
  };
}

function seriesUntil(series: RunSeries, step: number): RunSeries {
  const cut = <Key extends string | number>(record: Readonly<Record<Key, Series>>) =>
    Object.fromEntries(
      Object.entries<Series>(record).map(([name, old]) => [name, old.until(step)]),
    ) as Record<Key, Series>;
  const { smoothedLoss, ...others } = series;
  return { ...cut(others), smoothedLoss: cut(smoothedLoss) };
}

function clippedAmong(norms: Series, clip: number | undefined): number {
  return norms.values.values().filter((norm) => isAbove(norm, clip)).length;
}

/** @param clip 0 = nothing is clipped. */
function isAbove(norm: number | undefined, clip: number | undefined): boolean {
  return norm !== undefined && clip !== undefined && clip > 0 && norm > clip;
}

function spent({ times }: RunState, kind: keyof RunTimes, ms: number): RunTimes {
  return { ...times, [kind]: times[kind] + ms };
}

function withTime(state: RunState, time: number | undefined): RunState {
  if (time === undefined) return state;
  return { ...state, firstTime: state.firstTime ?? time, lastTime: time };
}

function voidLine({ step }: RunState, event: RecordedEvent): LogLine[] {
  if (event.type !== "run" || event.resumedFrom >= step) return [];
  const text = `micro-steps ${event.resumedFrom + 1} to ${step} are void: the run goes on from an older checkpoint`;
  const time = event.time === undefined ? {} : { time: event.time };
  return [{ step: event.resumedFrom, ...time, kind: "warning", text }];
}
