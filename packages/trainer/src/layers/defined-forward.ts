/**
 * The forward pass of a model that a module defines, in fp32 on the CPU and over all classes: what its parameters are worth. The
 * same kernels as in training, without rounding.
 */
import { type Device, openDevice } from "@ane/ane-runtime";
import type { Inputs } from "../pipeline.js";
import type { RunState } from "../run-state.js";
import { StepClock } from "../step-clock.js";
import type { ModelDefinition } from "./define-model.js";
import { DefinedPipeline, type PipelineRecipe } from "./defined-pipeline.js";
import type { ModelEnds } from "./model-ends.js";

export class DefinedForward implements Disposable {
  readonly #device: Device;
  readonly #pipeline: DefinedPipeline;
  readonly #streams: readonly Float32Array[];
  readonly #clock = new StepClock();

  /** With the parameters as they are now: later changes to them are not seen. */
  constructor(definition: ModelDefinition, recipe: PipelineRecipe, state: RunState) {
    const exact: PipelineRecipe = { ...recipe, numerics: "fp32", precision: "fp32" };
    this.#device = openDevice("cpu", { numerics: "fp32", compileBudget: 0 });
    this.#pipeline = new DefinedPipeline(definition, this.#device, exact, state);
    this.#pipeline.prepare();
    this.#streams = this.#pipeline.streamLengths.map((length) => new Float32Array(length));
  }

  /** Reads what `run` returns. */
  get head(): ModelEnds["head"] {
    return this.#pipeline.ends.head;
  }

  /** @returns The stream behind the last layer, overwritten by the next call. */
  run(inputs: Inputs): Float32Array {
    const streams = this.#streams;
    this.#pipeline.ends.embedding.forward(inputs, streams[0]!);
    this.#pipeline.blocks.forEach((block, i) => {
      block.forward(streams[i]!, streams[i + 1]!, this.#clock);
    });
    return streams.at(-1)!;
  }

  [Symbol.dispose](): void {
    this.#pipeline[Symbol.dispose]();
    this.#device.dispose();
  }
}
