/** A model that a module defines, as a run trains it. */
import type { Device } from "@ane/ane-runtime";
import { generate } from "@ane/llama-model";
import type { CompactVocabulary } from "../compact-vocabulary.js";
import type { EvaluationEvent } from "../events.js";
import { heldOutExamples } from "../held-out-examples.js";
import type { Pipeline } from "../pipeline.js";
import type { Execution, Recipe } from "../run-config.js";
import type { RunState } from "../run-state.js";
import type { TrainableModel, WritingOptions } from "../trainable-model.js";
import type { ModelDefinition } from "./define-model.js";
import { definedFlops } from "./defined-flops.js";
import { DefinedForward } from "./defined-forward.js";
import { DefinedKernels } from "./defined-kernels.js";
import { DefinedPipeline } from "./defined-pipeline.js";
import { textRefusal } from "./text-refusal.js";
import { WindowDecoder } from "./window-decoder.js";

export class DefinedTraining implements TrainableModel {
  readonly #definition: ModelDefinition;
  readonly #recipe: Recipe;

  constructor(definition: ModelDefinition, recipe: Recipe) {
    this.#definition = definition;
    this.#recipe = recipe;
  }

  openPipeline(device: Device, state: RunState, vocabulary?: CompactVocabulary): Pipeline {
    return new DefinedPipeline(this.#definition, device, this.#recipe, state, vocabulary);
  }

  /** The same examples each time. */
  *evaluate(execution: Execution, state: RunState): Generator<EvaluationEvent, void, void> {
    const start = performance.now();
    const { examples, sha256: data, bytes } = heldOutExamples(this.#recipe, execution);
    if (examples.length === 0) return;
    using forward = this.#openForward(state);
    const { head } = forward;
    let [sum, correct] = [0, 0];
    for (const { inputs, targets } of examples) {
      sum += head.loss(forward.run(inputs), targets);
      if ("correct" in head) correct += head.correct(targets);
    }
    const windows = examples.length;
    const targets = windows * this.#recipe.seq;
    yield {
      type: "evaluation",
      step: state.step,
      meanNll: sum / windows,
      windows,
      data,
      ms: performance.now() - start,
      ...(bytes && { bitsPerByte: ((sum / windows) * targets) / Math.LN2 / bytes }),
      ...("correct" in head && { accuracy: correct / targets }),
    };
  }

  textRefusal(): string | undefined {
    return textRefusal(this.#definition);
  }

  *write(state: RunState, options: WritingOptions): Generator<number, void, undefined> {
    using forward = this.#openForward(state);
    yield* generate({ ...options, decoder: new WindowDecoder(forward, this.#recipe.seq) });
  }

  #openForward(state: RunState): DefinedForward {
    return new DefinedForward(this.#definition, this.#recipe, state);
  }

  flopsPerStep(classes: number): number {
    const { pipeline, numerics: dtype, seq } = this.#recipe;
    const kernels = new DefinedKernels(this.#definition, { pipeline, dtype });
    return definedFlops(this.#definition, kernels, seq, classes);
  }
}
