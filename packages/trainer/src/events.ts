/**
 * Everything a run tells the world: plain JSON objects, one union. Whatever shows or stores progress consumes them.
 * Times are milliseconds of wall clock; `step` counts micro-steps from 1.
 */
import type { RunAction } from "./run-action.js";

/** Where the time of one micro-step went; the parts add up to `ms` (what no part claims is `other`). */
export interface Breakdown {
  /** Choosing the sequence and reading its tokens. */
  readonly data: number;
  /** Evaluating kernels on the device. */
  readonly device: number;
  /** fp32 ↔ fp16 and copies between surfaces. */
  readonly conversion: number;
  /** Classifier matrix products, forward and backward. */
  readonly classifier: number;
  /** Cross-entropy with its gradient. */
  readonly loss: number;
  /** Weight-gradient products that ran on, or were waited for by, the main thread. */
  readonly weightGradient: number;
  /** RMSNorm backward, final RMSNorm, residuals, embedding. */
  readonly elementwise: number;
  /** Gradient norm, clipping and Adam; only in the last micro-step of an update. */
  readonly optimizer: number;
  /** Waiting for the sums over all ranks of a distributed run. */
  readonly exchange: number;
  /** The new weights written into the surfaces of the dynamic kernels; only in the last micro-step of an update. */
  readonly staging: number;
  readonly other: number;
}

/** What one micro-step cost, counted where it happened. Bytes are those of surface elements, 2 each in fp16. */
export interface StepCounts {
  /** Evaluations of kernels. */
  readonly dispatches: number;
  /** What the CPU wrote into surfaces: activations, copies and, once per update, weights. */
  readonly bytesWritten: number;
  /** What the CPU took out of surfaces: results and copies. */
  readonly bytesRead: number;
  /** Of those, what was converted between fp32 and the surface's dtype. */
  readonly bytesConverted: number;
  /** Of those, what went from surface to surface; part of both, read and written. */
  readonly bytesCopied: number;
  /** What products on the CPU read where it lay: operands of weight gradients, each time. */
  readonly bytesInPlace: number;
  /** Matrix products on the device, two operations per multiply-add. */
  readonly deviceFlops: number;
  /** Arithmetic on the CPU: matrix products, and passes over tensors. */
  readonly cpuFlops: number;
}

/** When an event was told. */
interface Told {
  /** Milliseconds since 1970 UTC, by this machine's clock; missing in the logs of earlier versions. */
  readonly time?: number;
}

/** Kernels with weights as constants, or with weights as inputs. */
export type PipelineName = "static" | "dynamic";

export interface RunEvent {
  readonly type: "run";
  readonly directory: string;
  readonly model: string;
  readonly parameters: number;
  readonly pipeline: PipelineName;
  /** The device's own description of itself. */
  readonly device: string;
  readonly seed: number;
  /** Micro-steps in all; 2^53 − 1 where only `minutes` ends the run. */
  readonly steps: number;
  /** 0 = no limit. */
  readonly minutes: number;
  /** Micro-steps per update, those of all ranks together. */
  readonly accum: number;
  /** Processes that share the micro-steps: each event of a micro-step is of one on every rank. */
  readonly ranks: number;
  readonly trainTokens: number;
  /** What `trainTokens` and the tokens of each step count, where it is not tokens. */
  readonly unit?: "images";
  /** Token ids that the training loss distinguishes: the vocabulary, or with compactVocab those of the training text. */
  readonly classes: number;
  /** Micro-steps already done by the checkpoint that this run continues; 0 for a new run. */
  readonly resumedFrom: number;
  /** Floating-point operations of one micro-step: forward, dx, dW, attention, classifier. */
  readonly flopsPerStep: number;
  /** Newer checkpoints that were found damaged or foreign and passed over; usually empty. */
  readonly refusedCheckpoints: readonly RefusedCheckpoint[];
  /** Processor, memory, system and Node of the leading process; missing, as the next, in the logs of earlier versions. */
  readonly machine?: string;
  /** Git's name of the commit that the working folder stood at, "-dirty" after it where files differed; missing outside of a repository. */
  readonly commit?: string;
}

export interface RefusedCheckpoint {
  readonly path: string;
  /** Such as "its SHA-256 is wrong". */
  readonly reason: string;
}

export interface CompileEvent {
  readonly type: "compile";
  /** Micro-steps done when the kernels were compiled. */
  readonly step: number;
  readonly kernels: number;
  readonly ms: number;
  /** Compilations used in this process, and its limit (0 = none). */
  readonly used: number;
  readonly limit: number;
}

/** What is known where a micro-step completes an update. */
export interface UpdateTelemetry {
  /** Global L2 norm of the averaged gradient; missing where it was infinite and the update therefore skipped. */
  readonly gradNorm?: number;
  /** What dlogits were multiplied by. */
  readonly lossScale: number;
  /** Share of the residual stream's gradient that fp16 rounds to zero on its way into the kernels, 0 to 1; of a sample. */
  readonly underflow: number;
  /** In all of the run: updates whose gradients overflowed. */
  readonly skippedUpdates: number;
}

export interface StepEvent extends Partial<UpdateTelemetry> {
  readonly type: "step";
  readonly step: number;
  /** Mean natural-log loss of this micro-step over the run's classes (and the ranks), nats per token. */
  readonly loss: number;
  /** Of the update that the micro-step belongs to. */
  readonly lr: number;
  readonly ms: number;
  readonly tokens: number;
  readonly breakdown: Breakdown;
  readonly counts: StepCounts;
}

export interface RestartEvent {
  readonly type: "restart";
  readonly step: number;
  /** Compilations used by the process that handed over, and its limit. */
  readonly used: number;
  readonly limit: number;
  /** From the old process's last work to the new one's first, milliseconds. */
  readonly ms: number;
}

export interface CheckpointEvent {
  readonly type: "checkpoint";
  /** "last": one of the newest, which a run goes on from. "best": the parameters with the lowest held-out loss so far. */
  readonly kind: "last" | "best";
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  readonly ms: number;
}

export interface EvaluationEvent {
  readonly type: "evaluation";
  readonly step: number;
  /** Over the full vocabulary, whatever the classes of the training loss. */
  readonly meanNll: number;
  readonly windows: number;
  /** SHA-256 of the held-out file, in hexadecimal: losses over other files do not compare. */
  readonly data: string;
  readonly ms: number;
  /** Of the held-out text in UTF-8; missing where the run does not know its tokenizer. */
  readonly bitsPerByte?: number;
  /** Share of the labels that were found, 0 to 1; of images. */
  readonly accuracy?: number;
}

export interface SampleEvent {
  readonly type: "sample";
  readonly step: number;
  readonly prompt: string;
  /** What the present parameters say, the prompt included; always with the run's own seed, so that samples compare. */
  readonly text: string;
  /** Tokens that were chosen, those of the prompt not counted. */
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly ms: number;
}

/** A request is served now; what comes of it follows as events of its own. Each is served once. */
export interface RequestEvent {
  readonly type: "request";
  readonly step: number;
  readonly id: string;
  readonly action: RunAction;
  /** Why it cannot be done; missing where it is. */
  readonly refused?: string;
}

export interface PauseEvent {
  readonly type: "pause";
  readonly step: number;
}

export interface ResumeEvent {
  readonly type: "resume";
  readonly step: number;
  /** Length of the pause. */
  readonly ms: number;
}

/** The machine while the run works, about every two seconds; with several ranks, of rank 0's machine and processes. */
export interface SystemEvent {
  readonly type: "system";
  readonly step: number;
  /** Since the last of these events, or the start: the time that shares and powers are over. */
  readonly ms: number;
  /** Supervisor, worker and successor. */
  readonly processes: number;
  /** Bytes of memory of these processes together, what they share counted once. */
  readonly memory: number;
  /** Cores that these processes kept busy: 1.5 is one and a half. */
  readonly busyCores: number;
  /** Cores of the machine that they may use. */
  readonly cores: number;
  /** Watts of the whole machine by part; missing where the machine does not count them. */
  readonly power?: { readonly ane?: number; readonly cpu?: number; readonly gpu?: number };
  /** macOS's own word for how warm it is; missing elsewhere. */
  readonly thermal?: ThermalState;
}

/** From cool to about to be switched off. */
export type ThermalState = "nominal" | "moderate" | "heavy" | "trapping" | "sleeping";

export interface DoneEvent {
  readonly type: "done";
  readonly reason: "completed" | "interrupted";
  readonly step: number;
  readonly directory: string;
  /** Totals over this invocation, all its processes included; milliseconds. */
  readonly report: EfficiencyReport;
}

export interface EfficiencyReport {
  readonly steps: number;
  readonly updates: number;
  readonly tokens: number;
  readonly wallMs: number;
  readonly compileMs: number;
  readonly trainMs: number;
  readonly restarts: number;
  readonly restartMs: number;
  readonly checkpointMs: number;
  /** Median over micro-steps. */
  readonly msPerStep: number;
  /** Arithmetic of the micro-steps over `trainMs`, in 10^12 floating-point operations per second. */
  readonly tflops: number;
  readonly breakdown: Breakdown;
}

export type TrainEvent = Told &
  (
    | RunEvent
    | CompileEvent
    | StepEvent
    | RestartEvent
    | CheckpointEvent
    | EvaluationEvent
    | SampleEvent
    | RequestEvent
    | PauseEvent
    | ResumeEvent
    | SystemEvent
    | DoneEvent
  );
