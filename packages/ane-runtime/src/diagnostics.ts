/** What devices publish on `node:diagnostics_channel`; nothing is measured or built while nobody listens. */
import { channel } from "node:diagnostics_channel";

/** Message of the channel `ane:compile`, after each compilation. */
export interface CompileMessage {
  readonly device: "cpu" | "ane";
  readonly kernel: string;
  readonly elapsedMs: number;
  /** True where the plan of an identical program was used again. */
  readonly shared: boolean;
  readonly error?: unknown;
}

/** Message of the channel `ane:evaluate`, after each evaluation. */
export interface EvaluateMessage {
  readonly device: "cpu" | "ane";
  readonly kernel: string;
  readonly elapsedMs: number;
  readonly error?: unknown;
}

export const compileChannel = channel("ane:compile");
export const evaluateChannel = channel("ane:evaluate");
