/** The kernels of a model's layers, derived from their forward passes. Layers that are alike share them. */
import {
  DeriveError,
  deriveTraining,
  GradientError,
  type TrainingKernels,
} from "@ane/mil-builder/autodiff";
import { OptionError } from "../errors.js";
import type { PipelineName } from "../events.js";
import type { DefinedModel } from "../model-record.js";
import type { ModelDefinition } from "./define-model.js";
import { type DType, derivable, type PlacedLayer } from "./placed-layer.js";

export interface KernelOptions {
  readonly pipeline: PipelineName;
  readonly dtype: DType;
}

/** Vectors and matrices can lie beside activations, other parameters are constants. */
export function defaultPipeline({ parameters }: DefinedModel): PipelineName {
  const canLie = parameters.every(({ layer, shape }) => layer === undefined || shape.length <= 2);
  return canLie ? "dynamic" : "static";
}

export class DefinedKernels {
  /** Of each layer. */
  readonly layers: readonly TrainingKernels[];
  readonly #pipeline: PipelineName;

  /** @throws OptionError naming a layer whose kernels cannot be derived */
  constructor({ record, layers }: ModelDefinition, { pipeline, dtype }: KernelOptions) {
    const known = new Map<string, TrainingKernels>();
    this.#pipeline = pipeline;
    this.layers = layers.map((placed) => {
      const key = `${placed.digest} ${placed.gradients.join()}`;
      const kernels = known.get(key) ?? derive(record.name, placed, pipeline, dtype);
      known.set(key, kernels);
      return kernels;
    });
  }

  /** Compilations that an update needs; the first one of the dynamic pipeline, which later ones need none of. */
  get perUpdate(): number {
    const layers = this.#pipeline === "static" ? this.layers : [...new Set(this.layers)];
    return layers.reduce((sum, { backward }) => sum + 1 + backward.length, 0);
  }
}

function derive(
  model: string,
  placed: PlacedLayer,
  pipeline: PipelineName,
  dtype: DType,
): TrainingKernels {
  const { layer, index, row: seqLen, gradients } = placed;
  const rules = layer.rules && { rules: layer.rules };
  try {
    return deriveTraining(derivable(placed, dtype), {
      seqLen,
      pipeline,
      dtype,
      gradients,
      ...rules,
    });
  } catch (cause) {
    if (!(cause instanceof DeriveError || cause instanceof GradientError)) throw cause;
    throw new OptionError("model", `${model}, layer ${index} "${layer.name}": ${cause.message}`, {
      cause,
    });
  }
}
