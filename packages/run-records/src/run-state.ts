/**
 * Everything known of a run after some of its events, as one value. Losses are natural-log nats per token, times
 * milliseconds. What a record does not tell is absent, never 0.
 */
import type {
  CheckpointEvent,
  CompileEvent,
  DoneEvent,
  RunConfig,
  RunEvent,
  SampleEvent,
  StepEvent,
  SystemEvent,
} from "@ane/trainer";
import type { LogLine } from "./log-line.js";
import { type Point, Series } from "./series.js";
import type { Smoothing } from "./smoothing.js";

export interface RunSeries {
  /** Of every micro-step. */
  readonly loss: Series;
  /** Running means of it, see `SMOOTHINGS`. */
  readonly smoothedLoss: Readonly<Record<Smoothing, Series>>;
  readonly lr: Series;
  readonly ms: Series;
  readonly tokensPerSecond: Series;
  /** Share of the micro-step's time that the device worked, 0 to 1. */
  readonly deviceShare: Series;
  /** Of every update that was not skipped. */
  readonly gradNorm: Series;
  /** Of every update. */
  readonly lossScale: Series;
  readonly underflow: Series;
  /** Of every evaluation. */
  readonly validation: Series;
  /** Of every evaluation where the run knows its tokenizer. */
  readonly bitsPerByte: Series;
  /** Of the run's processes, in bytes; these and the following with each telling of the machine. */
  readonly memory: Series;
  readonly busyCores: Series;
  /** Watts, of machines that tell. */
  readonly anePower: Series;
  readonly cpuPower: Series;
  readonly gpuPower: Series;
}

export interface RunState {
  readonly config: RunConfig | undefined;
  /** Of the newest invocation. */
  readonly run: RunEvent | undefined;
  /** Times that the run was started or resumed. */
  readonly invocations: number;
  /** How many of them made micro-steps void: points have left the series. */
  readonly rewinds: number;
  /** Micro-steps done, without those that a resume from an older checkpoint made void. */
  readonly step: number;
  readonly series: RunSeries;
  /** The newest micro-steps, at most `RECENT_STEPS`, in their order. */
  readonly recent: readonly StepEvent[];
  /** The lowest running mean (0.98) of the loss. */
  readonly bestSmoothedLoss: Point | undefined;
  readonly compilation: CompileEvent | undefined;
  /** Kernels compiled in this process and how many it may compile, 0 = any number. */
  readonly budget: { readonly used: number; readonly limit: number } | undefined;
  readonly checkpoints: Readonly<Partial<Record<CheckpointEvent["kind"], CheckpointEvent>>>;
  /** At most `SAMPLES`, the newest last. */
  readonly samples: readonly SampleEvent[];
  /** The machine as this invocation last told of it. */
  readonly system: SystemEvent | undefined;
  /** Energy that the machine says to have used while it told, all of its parts. */
  readonly joules: number | undefined;
  readonly isPaused: boolean;
  /** Planned ones, to get a new compile budget. */
  readonly restarts: number;
  /** Updates whose gradient was longer than the recipe's clip. */
  readonly clippedUpdates: number;
  /** In all of the run: updates whose gradients overflowed. */
  readonly skippedUpdates: number;
  /** What the run's time went to, void micro-steps included. */
  readonly times: RunTimes;
  /** At most `LOG_LINES`, the newest last. */
  readonly log: readonly LogLine[];
  /** Set while no later event has come. */
  readonly done: DoneEvent | undefined;
  /** When the first and the newest event came, where the record says. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
}

export interface RunTimes {
  readonly steps: number;
  readonly compile: number;
  readonly restart: number;
  readonly checkpoint: number;
  readonly evaluation: number;
  readonly pause: number;
}

export const RECENT_STEPS = 64;
export const SAMPLES = 500;
export const LOG_LINES = 1000;

const NO_SERIES: RunSeries = {
  loss: Series.empty,
  smoothedLoss: { 0.9: Series.empty, 0.98: Series.empty },
  lr: Series.empty,
  ms: Series.empty,
  tokensPerSecond: Series.empty,
  deviceShare: Series.empty,
  gradNorm: Series.empty,
  lossScale: Series.empty,
  underflow: Series.empty,
  validation: Series.empty,
  bitsPerByte: Series.empty,
  memory: Series.empty,
  busyCores: Series.empty,
  anePower: Series.empty,
  cpuPower: Series.empty,
  gpuPower: Series.empty,
};

/** Of a run of which nothing has been told. @param config As config.json has it; adds what events do not say. */
export function initialRunState(config?: RunConfig): RunState {
  return {
    config,
    run: undefined,
    invocations: 0,
    rewinds: 0,
    step: 0,
    series: NO_SERIES,
    recent: [],
    bestSmoothedLoss: undefined,
    compilation: undefined,
    budget: undefined,
    checkpoints: {},
    samples: [],
    system: undefined,
    joules: undefined,
    isPaused: false,
    restarts: 0,
    clippedUpdates: 0,
    skippedUpdates: 0,
    times: { steps: 0, compile: 0, restart: 0, checkpoint: 0, evaluation: 0, pause: 0 },
    log: [],
    done: undefined,
    firstTime: undefined,
    lastTime: undefined,
  };
}
