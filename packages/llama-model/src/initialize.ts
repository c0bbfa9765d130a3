/**
 * Random initial parameters: normal, counter-based, one stream per tensor, so that a value depends on (seed, tensor,
 * index) alone and not on the order of work, the number of threads or the number of layers.
 */
import { fillNormal } from "@ane/accel-ops";
import type { TensorName } from "./layout.js";
import type { Parameters } from "./parameters.js";

/** Streams are part of what a seed means: never renumber. */
const STREAMS: Partial<Record<TensorName, number>> = {
  tokenEmbedding: 0,
  wq: 1,
  wk: 2,
  wv: 3,
  wo: 4,
  w1: 5,
  w2: 6,
  w3: 7,
  classifier: 8,
};

/**
 * Fills the parameters in place. Matrices have standard deviation 0.02; wo and w2, which write to the residual stream,
 * 0.02 / √(2L) (as GPT-2 and llama2.c do); the embedding and an untied classifier 0.25 / √D, so that the first logits have
 * standard deviation 0.25 and the first loss is about ln V + 0.03; norms are 1.
 */
export function initializeParameters(parameters: Parameters, seed: number): void {
  const { dim: D, layers: L } = parameters.config;
  for (const { name } of parameters.layout.entries) {
    const stream = STREAMS[name];
    const view = parameters.view(name);
    if (stream === undefined) view.fill(1);
    else fillNormal(view, { seed, stream, std: standardDeviation(name, D, L) });
  }
}

function standardDeviation(name: TensorName, D: number, L: number): number {
  switch (name) {
    case "wo":
    case "w2":
      return 0.02 / Math.sqrt(2 * L);
    case "tokenEmbedding":
    case "classifier":
      return 0.25 / Math.sqrt(D);
    default:
      return 0.02;
  }
}
