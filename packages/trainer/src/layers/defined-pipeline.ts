/** The pipeline of a model that a module defines: derived kernels, whose weights are constants or lie in their surfaces. */
import type { Device } from "@ane/ane-runtime";
import type { CompactVocabulary } from "../compact-vocabulary.js";
import type { CompilableKernel } from "../compilable-kernel.js";
import type { CompleteGradients } from "../distributed/gradient-exchange.js";
import { LossScale } from "../loss-scale.js";
import { type Embedding, MicroStep } from "../micro-step.js";
import { arenaLayout } from "../model-record.js";
import { NumericWatch } from "../numeric-watch.js";
import type { Inputs, Pipeline, Tokens } from "../pipeline.js";
import type { Recipe } from "../run-config.js";
import type { RunState } from "../run-state.js";
import type { StepClock } from "../step-clock.js";
import { StepCounters } from "../step-counters.js";
import { Surfaces } from "../surfaces.js";
import { TokenClassifier } from "../token-classifier.js";
import { TokenEmbedding } from "../token-embedding.js";
import { UnderflowMeter } from "../underflow-meter.js";
import { WeightGradients } from "../weight-gradients.js";
import type { ModelDefinition } from "./define-model.js";
import { DefinedKernels } from "./defined-kernels.js";
import { ImageEmbedding } from "./image-embedding.js";
import { LabelHead } from "./label-head.js";
import { isProduct, LayerBlock } from "./layer-block.js";
import { type LayerViews, StageBuilder } from "./layer-stages.js";
import { elements, mapRecord, type PlacedLayer } from "./placed-layer.js";
import { BIAS, CLASSIFIER, POSITIONS, parameterName, TABLE } from "./record-parameters.js";

/** What a head can tell of parameters that are not to be changed. */
export interface LossHead {
  loss(x: Float32Array, targets: Tokens): number;
  /** Of labels: how many were found in the last call of `loss`. */
  correct?(targets: Tokens): number;
}

export class DefinedPipeline implements Pipeline {
  readonly counters = new StepCounters();
  readonly watch = new NumericWatch();
  readonly underflow = new UnderflowMeter();
  readonly embedding: Embedding;
  readonly head: TokenClassifier | LabelHead;
  readonly blocks: readonly LayerBlock[];
  /** Elements of each stream: before each layer, and after the last. */
  readonly streamLengths: readonly number[];
  readonly #surfaces: Surfaces;
  readonly #weightGradients: WeightGradients;
  readonly #microStep: MicroStep;
  readonly #executables: readonly CompilableKernel[];
  readonly #staged: readonly { stage(): void }[];

  /** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
  constructor(
    definition: ModelDefinition,
    device: Device,
    recipe: Pick<Recipe, "pipeline" | "numerics" | "precision" | "zLoss" | "lossScale">,
    state: RunState,
    vocabulary?: CompactVocabulary,
  ) {
    const { record, layers } = definition;
    const { pipeline, numerics: dtype, precision, zLoss } = recipe;
    const { counters, watch } = this;
    const [parameters, gradients] = [state.parameters, state.gradients].map((data) =>
      viewsOf(definition, data),
    ) as [Views, Views];
    const kernels = new DefinedKernels(definition, { pipeline, dtype });
    const surfaces = new Surfaces(device);
    const weightGradients = new WeightGradients({
      addedInPlace: addedInPlace(definition, kernels, gradients),
      counters,
      precision,
    });
    this.#surfaces = surfaces;
    this.#weightGradients = weightGradients;
    this.streamLengths = [
      elements(layers[0]!.inputShape),
      ...layers.map(({ outputShape }) => elements(outputShape)),
    ];
    const builder = new StageBuilder({
      device,
      surfaces,
      pipeline,
      dtype,
      observers: { counters, watch },
    });
    const scratch = new Float32Array(longestTensor(kernels));
    this.blocks = layers.map((placed, i) => {
      const own = kernels.layers[i]!;
      return new LayerBlock({
        kernels: own,
        stages: builder.build(placed, own, ofLayer(placed, parameters)),
        residual: placed.layer.residual ?? false,
        inputLength: this.streamLengths[i]!,
        outputLength: this.streamLengths[i + 1]!,
        gradients: ofLayer(placed, gradients),
        weightGradients,
        counters,
        scratch,
      });
    });
    this.#executables = builder.executables;
    this.#staged = builder.staged;
    const [N, C, H, W] = layers.at(-1)!.outputShape;
    if (record.input.kind === "tokens") {
      const tables = (views: Views) => ({ table: views(TABLE)!, positions: views(POSITIONS) });
      const classifier = record.head.tied ? TABLE : CLASSIFIER;
      this.embedding = new TokenEmbedding(tables(parameters), tables(gradients), record.input.dim);
      this.head = new TokenClassifier({
        table: parameters(classifier)!,
        dTable: gradients(classifier)!,
        weightGradients,
        counters,
        precision,
        D: C,
        S: record.seqLen,
        vocabulary,
        zLoss,
      });
    } else {
      const tables = (views: Views) => ({ classifier: views(CLASSIFIER)!, bias: views(BIAS)! });
      this.embedding = new ImageEmbedding();
      this.head = new LabelHead({
        parameters: tables(parameters),
        gradients: tables(gradients),
        counters,
        N,
        C,
        P: H * W,
        zLoss,
      });
    }
    this.#microStep = new MicroStep({
      embedding: this.embedding,
      head: this.head,
      weightGradients,
      blocks: this.blocks,
      blocksPerLayer: 1,
      streamLengths: this.streamLengths,
      lossScale: new LossScale(recipe, state),
      underflow: this.underflow,
    });
  }

  /** All kernels at first, later those with weights. */
  get compilationsNeeded(): number {
    return this.#toCompile().length;
  }

  prepare(): number {
    const kernels = this.#toCompile();
    for (const kernel of kernels) kernel.release(); // before any weight file changes
    for (const kernel of kernels) kernel.compile();
    for (const weight of this.#staged) weight.stage();
    return kernels.length;
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

  #toCompile(): readonly CompilableKernel[] {
    return this.#executables.filter(({ hasWeights, compiled }) => hasWeights || !compiled);
  }

  [Symbol.dispose](): void {
    for (const kernel of this.#executables) kernel.release();
    this.#weightGradients[Symbol.dispose]();
    this.#surfaces[Symbol.dispose]();
  }
}

/** A view into an arena by the parameter's name; undefined where the model has none of that name. */
type Views = (name: string) => Float32Array | undefined;

function viewsOf({ record }: ModelDefinition, data: Float32Array): Views {
  const { entries } = arenaLayout(record);
  const views = new Map(
    entries.map(({ name, offset, length }) => [name, data.subarray(offset, offset + length)]),
  );
  return (name) => views.get(name);
}

function ofLayer(placed: PlacedLayer, views: Views): LayerViews {
  return mapRecord(placed.layer.parameters ?? {}, (_, name) => views(parameterName(placed, name))!);
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
  const ofHead =
    record.head.kind === "label" ? [CLASSIFIER, BIAS] : record.head.tied ? [] : [TABLE];
  return [...ofLayers, ...ofHead, POSITIONS].flatMap((name) => gradients(name) ?? []);
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
