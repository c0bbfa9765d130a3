/**
 * The micro-step of maderix/ANE's pipelines by their published structure: kernels, the tensors that enter and leave them, and
 * what runs on the CPU. `static` is training/train_large.m, `dynamic` the pipeline of its README, with weights staged once per
 * update; `restaged` is that pipeline's first version (training_dynamic/train.m at 60b0512), which writes the weights of every layer
 * anew for each evaluation, in fp32. Counted in their favour: every tensor crosses the boundary at most once in each direction,
 * and only where both sides need it. D = dim, F = hidden, QD = H·h, KD = KV·h, S = sequence, C = classes of the loss, P = H·S.
 */
import type { LlamaConfig } from "@ane/llama-model";
import type { StepCounts } from "../events.js";
import { PER_ELEMENT } from "../step-counters.js";
import { type KernelWork, type StepStructure, structureCounts } from "./step-structure.js";

export const PUBLISHED_PIPELINES = ["static", "dynamic", "restaged"] as const;

export type PublishedPipeline = (typeof PUBLISHED_PIPELINES)[number];

const [FP16_BYTES, FP32_BYTES] = [2, 4];

/** Operations per element of vForce and vDSP calls between the kernels. */
const [SILU_BACKWARD, ROPE_BACKWARD] = [11, 3];

/** maximum, difference, exponential, its sum; quotient; scale, each a call of its own */
const CROSS_ENTROPY = 6;

/** Channels [·, S] by the name of the tensor. */
type Channels = Readonly<Record<string, number>>;

interface PublishedKernel {
  readonly phase: KernelWork["phase"];
  /** Rows times columns of its matrices: each gives 2·S operations an element. */
  readonly matrices?: number;
  /** Products of queries and keys, or of probabilities and values: 2·S²·QD operations each. */
  readonly attentionProducts?: number;
  /** Channels of the ports. */
  readonly input: number;
  readonly output: number;
  readonly written?: Channels;
  readonly read?: Channels;
  readonly copied?: Channels;
  /** Elements of weights in the input port. */
  readonly weights?: number;
  /** The weights are written for every evaluation, activations too, and nothing is rounded: the surfaces are fp32. */
  readonly fp32?: true;
}

type PublishedKernels = Readonly<Record<string, PublishedKernel>>;

/** RMSNorm is in the forward kernels; there is no RoPE. */
function staticKernels(dims: Dims): PublishedKernels {
  const { D, F, QD, KD, P } = dims;
  const qkv = { q: QD, k: KD, v: KD };
  const qkvMatrices = D * (QD + 2 * KD);
  return {
    fwdAttn: {
      phase: "forward",
      matrices: qkvMatrices + D * QD,
      attentionProducts: 2,
      input: D,
      output: 2 * D + 2 * QD + 2 * KD,
      written: { x: D },
      read: { o: D, a: QD, xn: D },
    },
    fwdFFN: {
      phase: "forward",
      matrices: 3 * D * F,
      input: D,
      output: 2 * D + 3 * F,
      written: { x2: D },
      read: { y: D, gate: F, x2n: D },
    },
    ffnBwd: {
      phase: "backward",
      matrices: 3 * D * F,
      input: D + 2 * F,
      output: D + 2 * F,
      written: { dy: D },
      copied: { h1: F, h3: F },
      read: { dx: D, dh1: F, dh3: F },
    },
    sdpaBwd1: {
      phase: "backward",
      matrices: D * QD,
      attentionProducts: 3,
      input: D + QD + 2 * KD,
      output: KD + 2 * P,
      written: { dx2: D },
      copied: qkv,
      read: { dv: KD },
    },
    sdpaBwd2: attentionBackward(dims),
    qkvBwd: {
      phase: "backward",
      matrices: qkvMatrices,
      input: QD + 2 * KD,
      output: D,
      copied: { dq: QD, dk: KD, dv: KD },
      read: { dx: D },
    },
  };
}

/** RMSNorm both ways, SiLU backward and RoPE backward are the CPU's; the residual of ffnFused is its own. */
function dynamicKernels(dims: Dims): PublishedKernels {
  const { D, F, QD, KD, P } = dims;
  const qkvMatrices = D * (QD + 2 * KD);
  return {
    sdpaFwd: {
      phase: "forward",
      matrices: qkvMatrices,
      weights: qkvMatrices,
      attentionProducts: 2,
      input: D,
      output: 2 * QD + 2 * KD,
      written: { xn: D },
      read: { a: QD },
    },
    woFwd: {
      phase: "forward",
      matrices: D * QD,
      weights: D * QD,
      input: QD,
      output: D,
      copied: { a: QD },
      read: { o: D },
    },
    ffnFused: {
      phase: "forward",
      matrices: 3 * D * F,
      weights: 3 * D * F,
      input: 2 * D,
      output: D + 3 * F,
      written: { x2n: D, x2: D },
      read: { y: D, h1: F, h3: F, gate: F },
    },
    ffnBwdW2t: {
      phase: "backward",
      matrices: D * F,
      weights: D * F,
      input: D,
      output: F,
      written: { dy: D },
      read: { dgate: F },
    },
    ffnBwdW13t: {
      phase: "backward",
      matrices: 2 * D * F,
      weights: 2 * D * F,
      input: 2 * F,
      output: D,
      written: { dh1: F, dh3: F },
      read: { dx: D },
    },
    wotBwd: {
      phase: "backward",
      matrices: D * QD,
      weights: D * QD,
      input: D,
      output: QD,
      written: { dx2: D },
    },
    sdpaBwd1: {
      phase: "backward",
      attentionProducts: 3,
      input: 2 * QD + 2 * KD,
      output: KD + 2 * P,
      copied: { q: QD, k: KD, v: KD, da: QD },
      read: { dv: KD },
    },
    sdpaBwd2: attentionBackward(dims), // RoPE backward comes after it
    qBwd: {
      phase: "backward",
      matrices: D * QD,
      weights: D * QD,
      input: QD,
      output: D,
      written: { dq: QD },
      read: { dx: D },
    },
    kvBwd: {
      phase: "backward",
      matrices: 2 * D * KD,
      weights: 2 * D * KD,
      input: 2 * KD,
      output: D,
      written: { dk: KD },
      copied: { dv: KD },
      read: { dx: D },
    },
  };
}

/** dq and dk from the probabilities and their gradients: the same kernel in both. */
function attentionBackward({ QD, KD, P }: Dims): PublishedKernel {
  return {
    phase: "backward",
    attentionProducts: 2,
    input: 2 * P + QD + KD,
    output: QD + KD,
    copied: { probs: P, dp: P, q: QD, k: KD },
    read: { dq: QD, dk: KD },
  };
}

/** Every tensor passes through fp32 arrays of the CPU; only the two attention kernels of the backward pass have fp16 surfaces. */
function restagedKernels({ D, F, QD, KD, P }: Dims): PublishedKernels {
  const qkvMatrices = D * (QD + 2 * KD);
  const fp32 = (
    phase: KernelWork["phase"],
    weights: number,
    [written, read]: readonly [Channels, Channels],
    output = channelSum(read),
  ): PublishedKernel => {
    const copied = { ...prefixed("in", written), ...prefixed("out", read) };
    return {
      phase,
      matrices: weights,
      weights,
      fp32: true,
      input: channelSum(written),
      output,
      copied,
    };
  };
  return {
    sdpaFwd: {
      ...fp32(
        "forward",
        qkvMatrices + D * QD,
        [{ xn: D }, { o: D, q: QD, k: KD, v: KD, a: QD }],
        2 * D + 2 * QD + 2 * KD,
      ),
      attentionProducts: 2,
    },
    ffnW13: fp32("forward", 2 * D * F, [{ x2n: D }, { h1: F, h3: F, gate: F }]),
    ffnW2: fp32("forward", D * F, [{ gate: F }, { y: D }]),
    ffnBwdW2t: fp32("backward", D * F, [{ dy: D }, { dgate: F }]),
    ffnBwdW13t: fp32("backward", 2 * D * F, [{ dh1: F, dh3: F }, { dx: D }]),
    wotBwd: fp32("backward", D * QD, [{ dx2: D }, { da: QD }]),
    sdpaBwd1: {
      phase: "backward",
      attentionProducts: 3,
      input: 2 * QD + 2 * KD,
      output: KD + 2 * P,
      written: { q: QD, k: KD, v: KD, da: QD },
      read: { dv: KD },
    },
    sdpaBwd2: {
      phase: "backward",
      attentionProducts: 2,
      input: 2 * P + QD + KD,
      output: QD + KD,
      copied: { probs: P, dp: P },
      written: { q: QD, k: KD },
      read: { dq: QD, dk: KD },
    },
    qkvBwd: fp32("backward", qkvMatrices, [{ dq: QD, dk: KD, dv: KD }, { dx: D }]),
  };
}

interface Dims extends Readonly<Record<"D" | "F" | "QD" | "KD" | "P" | "S", number>> {}

const KERNELS = { static: staticKernels, dynamic: dynamicKernels, restaged: restagedKernels };

/** @param C Classes of the loss: the dynamic pipelines leave out the token ids that do not occur in the text. */
export function publishedStructure(
  pipeline: PublishedPipeline,
  model: LlamaConfig,
  S: number,
  C = model.vocabSize,
): StepStructure {
  const { dim: D, hiddenDim: F, layers: L, heads, kvHeads, headDim } = model;
  const [QD, KD] = [heads * headDim, kvHeads * headDim];
  const dims: Dims = { D, F, QD, KD, P: heads * S, S };
  const kernels = Object.entries(KERNELS[pipeline](dims));
  const weightBearing = kernels.filter(([, { matrices }]) => matrices !== undefined);
  const matrices = D * (2 * QD + 2 * KD) + 3 * D * F;
  const normForward = PER_ELEMENT.rmsNormForward * D;
  const normBackward = PER_ELEMENT.rmsNormBackward * D;
  const residual = PER_ELEMENT.add * D;
  const isStatic = pipeline === "static";
  const layerForward = {
    static: 2 * residual,
    dynamic: residual + 2 * normForward,
    restaged: 2 * residual + 2 * normForward,
  }[pipeline];
  const layerBackward =
    2 * normBackward +
    (isStatic ? 0 : SILU_BACKWARD * F) +
    (pipeline === "dynamic" ? ROPE_BACKWARD * (QD + KD) : 0);
  return {
    layers: L,
    kernels: kernels.map(([name, kernel]) => kernelWork(name, kernel, dims)),
    passes: {
      forward: S * (L * layerForward + normForward),
      loss: CROSS_ENTROPY * S * C,
      backward: S * (L * layerBackward + normBackward),
    },
    transposed: 2 * S * C, // [C, S] to rows per position and back, in cross_entropy_loss
    classifierFlops: 4 * S * D * C,
    gradientFlops: 2 * S * (L * matrices + D * C),
    bytesInPlace: 0,
    bytesCaptured: L * (4 * D + 3 * F + 2 * QD + 2 * KD) * S * FP32_BYTES, // capt_* of train_large.m and train.m
    compilations: {
      first: isStatic ? kernels.length * L : kernels.length,
      perUpdate: isStatic ? weightBearing.length * L : 0,
    },
    stagedBytes: pipeline === "dynamic" ? 2 * L * matrices * FP16_BYTES : 0, // forward and backward surfaces
  };
}

/** Without the weights that an update stages anew. `bytesInPlace` is 0: its weight gradients read fp32 copies. */
export function publishedCounts(
  pipeline: PublishedPipeline,
  model: LlamaConfig,
  S: number,
): StepCounts {
  return structureCounts(publishedStructure(pipeline, model, S));
}

function kernelWork(name: string, kernel: PublishedKernel, { S, QD }: Dims): KernelWork {
  const { phase, matrices = 0, attentionProducts = 0, weights = 0, fp32 } = kernel;
  const elementBytes = fp32 ? FP32_BYTES : FP16_BYTES;
  const bytes = (channels: Channels = {}) => channelSum(channels) * S * elementBytes;
  const weightBytes = weights * elementBytes;
  return {
    name,
    phase,
    flops: 2 * S * matrices + 2 * S * S * QD * attentionProducts,
    portBytes: (kernel.input + kernel.output) * S * elementBytes + weightBytes,
    written: bytes(kernel.written),
    read: bytes(kernel.read),
    copied: bytes(kernel.copied) + (fp32 ? weightBytes : 0),
  };
}

function channelSum(channels: Channels): number {
  return Object.values(channels).reduce((sum, count) => sum + count, 0);
}

function prefixed(prefix: string, channels: Channels): Channels {
  return Object.fromEntries(
    Object.entries(channels).map(([name, count]) => [`${prefix} ${name}`, count]),
  );
}
