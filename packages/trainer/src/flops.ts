/**
 * Floating-point operations of a micro-step, two per multiply-add, matrix products only.
 * D = dim, F = hidden, QD = H·h, KD = KV·h, S = sequence, C = classes of the loss, L = layers.
 */
import type { LlamaConfig } from "@ane/llama-model";

/** Forward, dx and dW of every matrix; attention 2 products forward and 5 backward (scores again, dv, dp, dq, dk); the classifier. */
export function flopsPerStep(model: LlamaConfig, S: number, C = model.vocabSize): number {
  const { dim: D, hiddenDim: F, layers: L } = model;
  const QD = model.heads * model.headDim;
  const KD = model.kvHeads * model.headDim;
  const matrices = D * QD + 2 * D * KD + QD * D + 3 * D * F;
  const linear = 3 * (2 * S * matrices);
  const attention = (2 + 5) * (2 * S * S * QD);
  const classifier = 3 * (2 * S * D * C);
  return L * (linear + attention) + classifier;
}
