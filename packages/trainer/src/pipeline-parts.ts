/** What both pipelines are made of beside their kernels: parameters, surfaces, weight gradients, head, the norms of the layers. */
import type { Device } from "@ane/ane-runtime";
import { Parameters } from "@ane/llama-model";
import { ClassifierHead } from "./classifier-head.js";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { LossScale } from "./loss-scale.js";
import { MicroStep } from "./micro-step.js";
import { type BlockContext, type ResidualBlock, ResidualPath } from "./residual-block.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { StepCounters } from "./step-counters.js";
import { Surfaces } from "./surfaces.js";
import { UnderflowMeter } from "./underflow-meter.js";
import { WeightGradients } from "./weight-gradients.js";

export interface PipelineOptions {
  readonly device: Device;
  readonly recipe: Recipe;
  readonly state: RunState;
  readonly counters: StepCounters;
  /** The classes of the loss; default: all. */
  readonly vocabulary: CompactVocabulary | undefined;
}

export class PipelineParts implements Disposable {
  readonly parameters: Parameters;
  readonly surfaces: Surfaces;
  readonly underflow = new UnderflowMeter();
  readonly #gradients: Parameters;
  readonly #weightGradients: WeightGradients;
  readonly #head: ClassifierHead;
  readonly #scratch: Float32Array;
  readonly #recipe: Recipe;
  readonly #counters: StepCounters;
  readonly #lossScale: LossScale;

  constructor({ device, recipe, state, counters, vocabulary }: PipelineOptions) {
    const { model, seq: S, precision, zLoss } = recipe;
    const parameters = new Parameters(model, state.parameters);
    const gradients = new Parameters(model, state.gradients);
    const weightGradients = new WeightGradients({ gradients, counters, precision });
    this.parameters = parameters;
    this.surfaces = new Surfaces(device);
    this.#gradients = gradients;
    this.#weightGradients = weightGradients;
    this.#head = new ClassifierHead({
      parameters,
      gradients,
      weightGradients,
      S,
      vocabulary,
      counters,
      precision,
      zLoss,
      softcap: model.logitSoftcap,
    });
    this.#scratch = new Float32Array(model.dim * S);
    this.#recipe = recipe;
    this.#counters = counters;
    this.#lossScale = new LossScale(recipe, state);
  }

  /** What a block of layer `l` works with. */
  blockContext(l: number, norm: "attentionNorm" | "ffnNorm"): BlockContext {
    const { model, seq: S } = this.#recipe;
    const [parameters, gradients] = [this.parameters.layer(l), this.#gradients.layer(l)];
    const shape = { S, eps: model.normEps };
    return {
      residual: new ResidualPath(shape, parameters[norm], gradients[norm], this.#counters),
      gradients,
      weightGradients: this.#weightGradients,
      scratch: this.#scratch,
    };
  }

  /** @param blocks Of all layers in order. */
  microStep(blocks: readonly ResidualBlock[]): MicroStep {
    const { seq: S } = this.#recipe;
    return new MicroStep({
      parameters: this.parameters,
      gradients: this.#gradients,
      weightGradients: this.#weightGradients,
      head: this.#head,
      blocks,
      S,
      lossScale: this.#lossScale,
      underflow: this.underflow,
    });
  }

  [Symbol.dispose](): void {
    this.#weightGradients[Symbol.dispose]();
    this.surfaces[Symbol.dispose]();
  }
}
