/** What a run needs of its model beyond the model's record: the code that computes it. */
import type { Device } from "@ane/ane-runtime";
import type { GenerateOptions } from "@ane/llama-model";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import type { EvaluationEvent } from "./events.js";
import type { Pipeline } from "./pipeline.js";
import type { Execution } from "./run-config.js";
import type { RunState } from "./run-state.js";

/** What to continue, how far and how to choose. */
export type WritingOptions = Omit<GenerateOptions, "decoder">;

export interface TrainableModel {
  /** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
  openPipeline(device: Device, state: RunState, vocabulary?: CompactVocabulary): Pipeline;
  /** The loss on held-out data with the present parameters; nothing where the run has none. @throws OptionError */
  evaluate(execution: Execution, state: RunState): Generator<EvaluationEvent, void, void>;
  /** Why it writes no text, with what does and what it is; undefined where it does. */
  textRefusal(): string | undefined;
  /** Tokens from the present parameters, in fp32 and without the device, as `generate` of @ane/llama-model yields them. */
  write(state: RunState, options: WritingOptions): Generator<number, void, undefined>;
  /** Floating-point operations of a micro-step. @param classes Of the training loss. */
  flopsPerStep(classes: number): number;
}
