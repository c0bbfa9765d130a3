/**
 * What the server tells the page, as JSON. Losses are nats per token, times milliseconds. What is not known is absent, never 0;
 * JSON has no NaN, so a number that is not finite is null.
 */
import type { LogLine, ReferenceLoss, RunNumbers, RunState } from "@ane/run-records";

/** Curves over micro-steps; smooth90 and smooth98 are running means of the loss. */
export const CURVES = [
  "loss",
  "smooth90",
  "smooth98",
  "validation",
  "lr",
  "gradNorm",
  "lossScale",
  "ms",
  "tokensPerSecond",
  "deviceShare",
  "memory",
  "busyCores",
  "anePower",
  "cpuPower",
  "gpuPower",
] as const;

export type CurveName = (typeof CURVES)[number];

/** [micro-steps, values], of equal length, ascending. */
export type Curve = readonly [steps: readonly number[], values: readonly (number | null)[]];

export type Curves = Readonly<Partial<Record<CurveName, Curve>>>;

/** What does not change while a process works on the run. */
export interface RunFacts {
  readonly directory: string;
  readonly model?: string;
  readonly parameters?: number;
  readonly pipeline?: string;
  readonly device?: string;
  /** The most that the device was measured to do, 10^12 operations per second. */
  readonly peakTflops?: number;
  readonly seq?: number;
  readonly accum?: number;
  readonly ranks?: number;
  readonly seed?: number;
  readonly trainTokens?: number;
  readonly minutes?: number;
  /** Largest gradient norm, 0 = any. */
  readonly clip?: number;
  /** Losses to compare with, where the run's data has them. */
  readonly references: readonly ReferenceLoss[];
}

export type SampleText = Pick<RunState["samples"][number], "step" | "prompt" | "text">;

export interface LiveNumbers extends RunNumbers {
  readonly isPaused: boolean;
  /** The machine as the run's processes last told of it. */
  readonly system?: NonNullable<RunState["system"]>;
  /** Kernels compiled in the process, and how many it may compile, 0 = any number. */
  readonly budget?: { readonly used: number; readonly limit: number };
  readonly restarts: number;
  /** Milliseconds since 1970: of the newest event. */
  readonly changed?: number;
}

/** The news of one run. */
export interface RunFrame {
  readonly run: string;
  readonly numbers: LiveNumbers;
  readonly facts?: RunFacts;
  /** true: these curves instead of the page's. false: new points, which replace the page's from their first micro-step on. */
  readonly wholeCurves: boolean;
  readonly curves: Curves;
  /** true: these lines and texts instead of the page's. */
  readonly wholeTexts: boolean;
  /** New lines, the newest last. */
  readonly log?: readonly LogLine[];
  /** New texts, the newest last. */
  readonly samples?: readonly SampleText[];
}

/** A run that was asked for and cannot be read. */
export interface RunProblem {
  readonly run: string;
  readonly message: string;
}

/** The first message of a stream. */
export interface Hello {
  /** Digest of the page that this server has: a page with another one loads itself again. */
  readonly page: string;
  /** Of the runs' folder, for people. */
  readonly root: string;
  /** The run to open first, if one was asked for. */
  readonly run?: string;
}

/** The configurations of runs beside each other. */
export interface ConfigTable {
  readonly runs: readonly string[];
  /** Each value for each run, as text; null where a run has none. */
  readonly rows: readonly (readonly [name: string, values: readonly (string | null)[]])[];
}
