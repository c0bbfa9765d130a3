/** A Llama as a run trains it. */
import type { Device } from "@ane/ane-runtime";
import { Decoder, generate, Parameters } from "@ane/llama-model";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { evaluateLlama } from "./evaluate-llama.js";
import type { EvaluationEvent } from "./events.js";
import { flopsPerStep } from "./flops.js";
import { openPipeline } from "./open-pipeline.js";
import type { Pipeline } from "./pipeline.js";
import type { Execution, LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { TrainableModel, WritingOptions } from "./trainable-model.js";

export class LlamaTraining implements TrainableModel {
  readonly #recipe: LlamaRecipe;

  constructor(recipe: LlamaRecipe) {
    this.#recipe = recipe;
  }

  openPipeline(device: Device, state: RunState, vocabulary?: CompactVocabulary): Pipeline {
    return openPipeline(device, this.#recipe, state, vocabulary);
  }

  evaluate(execution: Execution, state: RunState): Generator<EvaluationEvent, void, void> {
    return evaluateLlama(this.#recipe, execution, state);
  }

  textRefusal(): undefined {}

  write(state: RunState, options: WritingOptions): Generator<number, void, undefined> {
    const parameters = new Parameters(this.#recipe.model, state.parameters);
    const maxSeqLen = options.steps || this.#recipe.model.seqLen;
    return generate({ ...options, decoder: new Decoder(parameters, { maxSeqLen }) });
  }

  flopsPerStep(classes: number): number {
    return flopsPerStep(this.#recipe.model, this.#recipe.seq, classes);
  }
}
