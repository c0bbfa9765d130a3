/** The pipeline of a model that a module defines: derived kernels, whose weights are constants or lie in their surfaces. */
import type { Device } from "@ane/ane-runtime";
import type { CompactVocabulary } from "../compact-vocabulary.js";
import type { CompleteGradients } from "../distributed/gradient-exchange.js";
import { KernelSet } from "../kernel-set.js";
import { LossScale } from "../loss-scale.js";
import { MicroStep } from "../micro-step.js";
import { NumericWatch } from "../numeric-watch.js";
import type { Inputs, Pipeline, Tokens } from "../pipeline.js";
import type { Recipe } from "../run-config.js";
import type { RunState } from "../run-state.js";
import type { StepClock } from "../step-clock.js";
import { StepCounters } from "../step-counters.js";
import { Surfaces } from "../surfaces.js";
import { UnderflowMeter } from "../underflow-meter.js";
import { WeightGradients } from "../weight-gradients.js";
import { arenaViews, layerViews, type Views } from "./arena-views.js";
import type { ModelDefinition } from "./define-model.js";
import { DefinedKernels } from "./defined-kernels.js";
import { isProduct, LayerBlock } from "./layer-block.js";
import { StageBuilder } from "./layer-stages.js";
import { addedAtEnds, createEnds, type ModelEnds } from "./model-ends.js";
import { elements } from "./placed-layer.js";
import { parameterName } from "./record-parameters.js";

/** What of a recipe shapes a pipeline. */
export type PipelineRecipe = Pick<
  Recipe,
  "pipeline" | "numerics" | "precision" | "zLoss" | "lossScale"
>;

export class DefinedPipeline implements Pipeline {
  readonly counters = new StepCounters();
  readonly watch = new NumericWatch();
  readonly underflow = new UnderflowMeter();
  readonly ends: ModelEnds;
  readonly blocks: readonly LayerBlock[];
  /** Elements of each stream: before each layer, and after the last. */
  readonly streamLengths: readonly number[];
  readonly #surfaces: Surfaces;
  readonly #weightGradients: WeightGradients;
  readonly #microStep: MicroStep;
  readonly #kernels: KernelSet;

  /** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
  constructor(
    definition: ModelDefinition,
    device: Device,
    recipe: PipelineRecipe,
    state: RunState,
    vocabulary?: CompactVocabulary,
  ) {
    const { record, layers } = definition;
    const { pipeline, numerics: dtype, precision, zLoss } = recipe;
    const { counters, watch } = this;
    const parameters = arenaViews(record, state.parameters);
    const gradients = arenaViews(record, state.gradients);
    const kernels = new DefinedKernels(definition, { pipeline, dtype });
    const surfaces = new Surfaces(device);
    const weightGradients = new WeightGradients({
      addedInPlace: addedInPlace(definition, kernels, gradients),
      counters,
      precision,
    });
    const observers = { counters, watch };
    const builder = new StageBuilder({ device, surfaces, pipeline, dtype, observers });
    const lengths = [
      elements(layers[0]!.inputShape),
      ...layers.map(({ outputShape }) => elements(outputShape)),
    ];
    const scratch = new Float32Array(longestTensor(kernels));
    this.blocks = layers.map((placed, i) => {
      const own = kernels.layers[i]!;
      return new LayerBlock({
        kernels: own,
        stages: builder.build(placed, own, layerViews(placed, parameters)),
        residual: placed.layer.residual ?? false,
        inputLength: lengths[i]!,
        outputLength: lengths[i + 1]!,
        gradients: layerViews(placed, gradients),
        weightGradients,
        counters,
        scratch,
      });
    });
    const common = { weightGradients, counters, precision, zLoss };
    this.ends = createEnds(definition, { ...common, parameters, gradients, vocabulary });
    this.streamLengths = lengths;
    this.#surfaces = surfaces;
    this.#weightGradients = weightGradients;
    this.#kernels = new KernelSet(builder.executables, builder.staged);
    this.#microStep = new MicroStep({
      ...this.ends,
      weightGradients,
      blocks: this.blocks,
      blocksPerLayer: 1,
      streamLengths: lengths,
      lossScale: new LossScale(recipe, state),
      underflow: this.underflow,
    });
  }

  get compilationsNeeded(): number {
    return this.#kernels.compilationsNeeded;
  }

  prepare(): number {
    return this.#kernels.prepare();
  }

  microStep(
    inputs: Inputs,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number {
    return this.#microStep.run(inputs, targets, clock, accumulate, complete);
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
    this.#weightGradients[Symbol.dispose]();
    this.#surfaces[Symbol.dispose]();
  }
}

/** Gradients that no single product overwrites. */
function addedInPlace(
  { record, layers }: ModelDefinition,
  kernels: DefinedKernels,
  gradients: Views,
): Float32Array[] {
  const ofLayers = layers.flatMap((placed, i) =>
    Object.keys(placed.layer.parameters ?? {})
      .filter((parameter) => !isProduct(kernels.layers[i]!, parameter))
      .map((parameter) => parameterName(placed, parameter)),
  );
  return [...ofLayers, ...addedAtEnds(record)].flatMap((name) => gradients(name) ?? []);
}

/** Elements of the largest tensor that the CPU reads from a surface. */
function longestTensor({ layers }: DefinedKernels): number {
  const slots = layers.flatMap(({ forward, backward }) =>
    [forward, ...backward].flatMap(({ inputs, outputs }) => [
      ...Object.values(inputs),
      ...Object.values(outputs),
    ]),
  );
  return Math.max(...slots.map(({ shape }) => elements(shape)));
}
