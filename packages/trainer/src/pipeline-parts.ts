/** What both pipelines of a Llama are made of beside their kernels: parameters, surfaces, weight gradients, head, the norms of the layers. */
import type { Device } from "@ane/ane-runtime";
import { Parameters } from "@ane/llama-model";
import { ClassifierHead } from "./classifier-head.js";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { LossScale } from "./loss-scale.js";
import { MicroStep } from "./micro-step.js";
import {
  BLOCKS_PER_LAYER,
  type BlockContext,
  type ResidualBlock,
  ResidualPath,
} from "./residual-block.js";
import type { LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { StepCounters } from "./step-counters.js";
import { Surfaces } from "./surfaces.js";
import { TokenEmbedding } from "./token-embedding.js";
import { UnderflowMeter } from "./underflow-meter.js";
import { WeightGradients } from "./weight-gradients.js";

export interface PipelineOptions {
  readonly device: Device;
  readonly recipe: LlamaRecipe;
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
  readonly #recipe: LlamaRecipe;
  readonly #counters: StepCounters;
  readonly #lossScale: LossScale;

  constructor({ device, recipe, state, counters, vocabulary }: PipelineOptions) {
    const { model, seq: S, precision, zLoss } = recipe;
    const parameters = new Parameters(model, state.parameters);
    const gradients = new Parameters(model, state.gradients);
    const weightGradients = new WeightGradients({
      addedInPlace: addedInPlace(gradients),
      counters,
      precision,
    });
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
    const { model, seq: S } = this.#recipe;
    return new MicroStep({
      embedding: new TokenEmbedding(
        { table: this.parameters.tokenEmbedding },
        { table: this.#gradients.tokenEmbedding },
        model.dim,
      ),
      weightGradients: this.#weightGradients,
      head: this.#head,
      blocks,
      blocksPerLayer: BLOCKS_PER_LAYER,
      streamLengths: Array.from([...blocks, "head"], () => model.dim * S),
      lossScale: this.#lossScale,
      underflow: this.underflow,
    });
  }

  [Symbol.dispose](): void {
    this.#weightGradients[Symbol.dispose]();
    this.surfaces[Symbol.dispose]();
  }
}

/** Gains of norms, and the token table where no classifier's gradient overwrites it. */
export function addedInPlace(gradients: Parameters): Float32Array[] {
  const entries = gradients.layout.entries.filter(
    ({ name, decay }) => !decay || (name === "tokenEmbedding" && !gradients.config.tiedEmbeddings),
  );
  return entries.map(({ name }) => gradients.view(name));
}
