/** The bytes that training takes: the state, and what a pipeline has beside it. D = dim, S = sequence, C = classes, L = layers. */
import { type LlamaConfig, parameterLayout } from "@ane/llama-model";
import { BLOCKS_PER_LAYER } from "../residual-block.js";
import type { OurStructure } from "./our-pipelines.js";

const FP32_BYTES = 4;

export interface PlannedMemory {
  readonly parameters: number;
  readonly gradients: number;
  /** First and second. */
  readonly moments: number;
  /** Surfaces of the pipeline; of the dynamic one with the weights in them. */
  readonly surfaces: number;
  /** Weight files of the static kernels, which the pipeline and the device each have. */
  readonly weightFiles: number;
  /** [S, C], dlogits in the same place. */
  readonly logits: number;
  /** Residual streams and the gradient on its way, [D, S] each. */
  readonly streams: number;
  readonly total: number;
}

export function planMemory(
  model: LlamaConfig,
  S: number,
  C: number,
  { memory }: OurStructure,
): PlannedMemory {
  const parameters = FP32_BYTES * parameterLayout(model).total;
  const streamCount = BLOCKS_PER_LAYER * model.layers + 1;
  const working = 4; // dx, the blocks' scratch, the classifier's input and its gradient
  const parts = {
    parameters,
    gradients: parameters,
    moments: 2 * parameters,
    surfaces: memory.surfaces,
    weightFiles: 2 * memory.weightFiles,
    logits: FP32_BYTES * S * C,
    streams: FP32_BYTES * model.dim * S * (streamCount + working),
  };
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}
