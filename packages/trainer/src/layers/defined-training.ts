/** A model that a module defines, as a run trains it. */
import { type Device, openDevice } from "@ane/ane-runtime";
import type { CompactVocabulary } from "../compact-vocabulary.js";
import type { EvaluationEvent } from "../events.js";
import { heldOutExamples } from "../held-out-examples.js";
import type { Pipeline } from "../pipeline.js";
import type { Execution, Recipe } from "../run-config.js";
import type { RunState } from "../run-state.js";
import { StepClock } from "../step-clock.js";
import type { TrainableModel } from "../trainable-model.js";
import type { ModelDefinition } from "./define-model.js";
import { definedFlops } from "./defined-flops.js";
import { DefinedKernels } from "./defined-kernels.js";
import { DefinedPipeline } from "./defined-pipeline.js";

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

  /** In fp32 on the CPU, over all classes: what the parameters are worth. The same examples each time. */
  *evaluate(execution: Execution, state: RunState): Generator<EvaluationEvent, void, void> {
    const start = performance.now();
    const { examples, sha256: data } = heldOutExamples(this.#recipe, execution);
    if (examples.length === 0) return;
    using device = openDevice("cpu", { numerics: "fp32", compileBudget: 0 });
    const recipe: Recipe = { ...this.#recipe, numerics: "fp32", precision: "fp32" };
    using pipeline = new DefinedPipeline(this.#definition, device, recipe, state);
    pipeline.prepare();
    const { embedding, head } = pipeline.ends;
    const streams = pipeline.streamLengths.map((length) => new Float32Array(length));
    const clock = new StepClock();
    let [sum, correct] = [0, 0];
    for (const { inputs, targets } of examples) {
      embedding.forward(inputs, streams[0]!);
      pipeline.blocks.forEach((block, i) => {
        block.forward(streams[i]!, streams[i + 1]!, clock);
      });
      sum += head.loss(streams.at(-1)!, targets);
      if ("correct" in head) correct += head.correct(targets);
    }
    const windows = examples.length;
    const accuracy = "correct" in head && { accuracy: correct / (windows * this.#recipe.seq) };
    const ms = performance.now() - start;
    const meanNll = sum / windows;
    yield { type: "evaluation", step: state.step, meanNll, windows, data, ms, ...accuracy };
  }

  flopsPerStep(classes: number): number {
    const { pipeline, numerics: dtype, seq } = this.#recipe;
    const kernels = new DefinedKernels(this.#definition, { pipeline, dtype });
    return definedFlops(this.#definition, kernels, seq, classes);
  }
}
