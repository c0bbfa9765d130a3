/** What a run needs of its model beyond the model's record: the code that computes it. */
import type { Device } from "@ane/ane-runtime";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import type { EvaluationEvent } from "./events.js";
import type { Pipeline } from "./pipeline.js";
import type { Execution } from "./run-config.js";
import type { RunState } from "./run-state.js";

export interface TrainableModel {
  /** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
  openPipeline(device: Device, state: RunState, vocabulary?: CompactVocabulary): Pipeline;
  /** The loss on held-out data with the present parameters; nothing where the run has none. @throws OptionError */
  evaluate(execution: Execution, state: RunState): Generator<EvaluationEvent, void, void>;
  /** Floating-point operations of a micro-step. @param classes Of the training loss. */
  flopsPerStep(classes: number): number;
}
