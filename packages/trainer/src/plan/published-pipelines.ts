/**
 * What a micro-step of maderix/ANE's two pipelines costs by their published structure: kernels, the tensors that enter and leave
 * them, and what is said to run on the CPU. Counted in its favour: every tensor crosses the boundary at most once in each
 * direction, and only where both sides need it. D = dim, F = hidden, QD = H·h, KD = KV·h, S = sequence, V = vocabulary.
 */
import type { LlamaConfig } from "@ane/llama-model";
import type { StepCounts } from "../events.js";
import { flopsPerStep } from "../flops.js";
import { PER_ELEMENT } from "../step-counters.js";

export type PublishedPipeline = "static" | "dynamic";

/** Of one layer. Tensors are by name, with their channels [·, S]. */
interface LayerStructure {
  readonly kernels: number;
  /** fp32 on the CPU, rounded into an fp16 surface. */
  readonly written: Readonly<Record<string, number>>;
  /** Left by a kernel in fp16, needed by the CPU: its sgemm, RMSNorm and residuals take fp32. */
  readonly read: Readonly<Record<string, number>>;
  /** From a kernel's output surface to another's input surface. */
  readonly copied: Readonly<Record<string, number>>;
  /** Passes over tensors on the CPU, operations per position. */
  readonly cpu: Readonly<Record<string, number>>;
}

const FP16_BYTES = 2;

function layerStructure(
  pipeline: PublishedPipeline,
  model: LlamaConfig,
  S: number,
): LayerStructure {
  const { dim: D, hiddenDim: F, heads, kvHeads, headDim } = model;
  const [QD, KD] = [heads * headDim, kvHeads * headDim];
  /** Attention scores of all heads. */
  const P = heads * S;
  const norms = 2 * PER_ELEMENT.rmsNormBackward * D;
  const residuals = 2 * PER_ELEMENT.add * D;
  if (pipeline === "static") {
    // fwdAttn, fwdFFN, ffnBwd, sdpaBwd1, sdpaBwd2, qkvBwd; RMSNorm is in the forward kernels, there is no RoPE.
    return {
      kernels: 6,
      written: { x: D, x2: D, dy: D, dx2: D },
      read: {
        ...{ o: D, y: D, "dx of ffnBwd": D, "dx of qkvBwd": D },
        // operands of dW
        ...{ xn: D, a: QD, dq: QD, dk: KD, dv: KD, x2n: D, gate: F, dh1: F, dh3: F },
      },
      copied: {
        ...{ "h1, h3 to ffnBwd": 2 * F, "q, k, v to sdpaBwd1": QD + 2 * KD },
        ...{ "probs, dp to sdpaBwd2": 2 * P, "q, k to sdpaBwd2": QD + KD },
        "dq, dk, dv to qkvBwd": QD + 2 * KD,
      },
      cpu: { norms, residuals },
    };
  }
  // sdpaFwd, woFwd, ffnFused, ffnBwdW2t, ffnBwdW13t, wotBwd, sdpaBwd1, sdpaBwd2, qBwd, kvBwd; between them, on the CPU, RMSNorm
  // both ways, SiLU backward and RoPE backward; the residual of ffnFused is its own.
  const siluBackward = 11 * F;
  const ropeBackward = 3 * (QD + KD);
  return {
    kernels: 10,
    written: {
      ...{ xn: D, x2n: D, x2: D, dy: D, "dh1, dh3": 2 * F, dx2: D },
      "dq, dk after RoPE backward": QD + KD,
    },
    read: {
      ...{ a: QD, o: D, y: D, h1: F, h3: F, gate: F, dgate: F, "dx of ffnBwdW13t": D },
      ...{ "dq, dk before RoPE backward": QD + KD, dv: KD, "dx of qBwd": D, "dx of kvBwd": D },
    },
    copied: {
      ...{ "a to woFwd": QD, "q, k, v to sdpaBwd1": QD + 2 * KD, "da to sdpaBwd1": QD },
      ...{ "probs, dp to sdpaBwd2": 2 * P, "q, k to sdpaBwd2": QD + KD, "dv to kvBwd": KD },
    },
    cpu: {
      norms: norms + 2 * PER_ELEMENT.rmsNormForward * D,
      residual: PER_ELEMENT.add * D,
      siluBackward,
      ropeBackward,
    },
  };
}

/** Without the weights that an update stages anew. `bytesInPlace` is 0: its weight gradients read fp32 copies. */
export function publishedCounts(
  pipeline: PublishedPipeline,
  model: LlamaConfig,
  S: number,
): StepCounts {
  const { kernels, written, read, copied, cpu } = layerStructure(pipeline, model, S);
  const { dim: D, vocabSize: V, layers: L } = model;
  const bytes = (channels: Readonly<Record<string, number>>) =>
    L * total(channels) * S * FP16_BYTES;
  const [bytesWritten, bytesRead, bytesCopied] = [bytes(written), bytes(read), bytes(copied)];
  const products = cpuProducts(model, S);
  const finalNorm = (PER_ELEMENT.rmsNormForward + PER_ELEMENT.rmsNormBackward) * D;
  const passes = L * total(cpu) + finalNorm + PER_ELEMENT.crossEntropy * V;
  return {
    dispatches: kernels * L,
    bytesWritten: bytesWritten + bytesCopied,
    bytesRead: bytesRead + bytesCopied,
    bytesConverted: bytesWritten + bytesRead,
    bytesCopied,
    bytesInPlace: 0,
    deviceFlops: flopsPerStep(model, S) - products,
    cpuFlops: products + passes * S,
  };
}

/** Every dW, and the classifier's three products. */
function cpuProducts(model: LlamaConfig, S: number): number {
  const { dim: D, hiddenDim: F, heads, kvHeads, headDim, vocabSize: V, layers: L } = model;
  const matrices = D * (2 * heads * headDim + 2 * kvHeads * headDim) + 3 * D * F;
  return 2 * S * (L * matrices + 3 * D * V);
}

function total(channels: Readonly<Record<string, number>>): number {
  return Object.values(channels).reduce((sum, count) => sum + count, 0);
}
