/**
 * What the Llama kernels are generated from, and the dims that follow from it. D = dim, F = hiddenDim, H = heads,
 * KV = kvHeads, h = headDim, S = seqLen, QD = H·h, KD = KV·h; query head n reads KV head floor(n / (H / KV)).
 */
import { roundToDType } from "../float-format.js";
import type { Opset } from "../program.js";

/** Sizes and constants of a Llama layer, from which its kernels are generated. */
export interface LlamaKernelConfig {
  /** Width of the residual stream. */
  readonly dim: number;
  /** Width of the feed-forward layer. */
  readonly hiddenDim: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Channels per head; even. Need not be dim / heads. */
  readonly headDim: number;
  /** Tokens per sequence; a multiple of 32, so that an fp16 row of a surface is a multiple of 64 bytes. */
  readonly seqLen: number;
  /** Added to the mean square in RMSNorm. */
  readonly normEps: number;
  /** Base of RoPE's geometric series of frequencies. */
  readonly ropeTheta: number;
  /** RMSNorm of every query and key head before RoPE, with gains [h] (Qwen3). Only the dynamic kernels. Default false. */
  readonly qkNorm?: boolean;
  /** Type of every tensor of the kernels. Default "fp16"; "fp32" is for debugging. */
  readonly dtype?: "fp16" | "fp32";
  /** Opset of the function, default "ios18". Below that the program's dialect is 1.0, the only one that M1 and M2 read. */
  readonly opset?: Opset;
}

/** A kernel configuration that breaks a rule; `field` is the one to change. */
export class KernelConfigError extends Error {
  override readonly name = "KernelConfigError";
  readonly code = "ERR_KERNEL_CONFIG";
  constructor(
    readonly field: keyof LlamaKernelConfig | "layers" | "vocabSize" | "chunkSize" | "scales",
    rule: string,
    actual: unknown,
    remedy: string,
  ) {
    super(`LlamaKernelConfig.${field}: ${rule}, got ${String(actual)}. ${remedy}`);
  }
}

/** A valid configuration under the letters of the formulas. */
export interface KernelDims {
  readonly D: number;
  readonly F: number;
  readonly H: number;
  readonly KV: number;
  readonly h: number;
  readonly S: number;
  readonly QD: number;
  readonly KD: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  readonly qkNorm: boolean;
  readonly dtype: "fp16" | "fp32";
  readonly opset: Opset;
}

/** Validates a configuration and names its dims. @throws KernelConfigError naming the first field that breaks a rule */
export function kernelDims(config: LlamaKernelConfig): KernelDims {
  for (const field of ["dim", "hiddenDim", "heads", "kvHeads", "headDim", "seqLen"] as const) {
    const value = config[field];
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new KernelConfigError(field, "must be a positive integer", value, "Give a count.");
    }
  }
  const { dim: D, hiddenDim: F, heads: H, kvHeads: KV, headDim: h, seqLen: S } = config;
  const { normEps, ropeTheta, qkNorm = false, dtype = "fp16", opset = "ios18" } = config;
  if (dtype !== "fp16" && dtype !== "fp32") {
    throw new KernelConfigError(
      "dtype",
      'must be "fp16" or "fp32"',
      dtype,
      "Leave it out for fp16.",
    );
  }
  if (S % 32 !== 0) {
    throw new KernelConfigError(
      "seqLen",
      "must be a multiple of 32",
      S,
      `Use ${Math.ceil(S / 32) * 32}: an fp16 row of a surface must fill whole 64-byte lines.`,
    );
  }
  if (H % KV !== 0) {
    throw new KernelConfigError(
      "kvHeads",
      `must divide heads = ${H}`,
      KV,
      "Each KV head serves the same number of query heads.",
    );
  }
  if (h % 2 !== 0) {
    throw new KernelConfigError("headDim", "must be even", h, "RoPE rotates pairs of channels.");
  }
  if (!(normEps > 0 && normEps < 1)) {
    throw new KernelConfigError("normEps", "must be in (0, 1)", normEps, "Llama uses 1e-5.");
  }
  if (roundToDType(normEps, dtype) === 0) {
    throw new KernelConfigError(
      "normEps",
      `must not round to zero in ${dtype}`,
      normEps,
      "Use 6e-8 or more in fp16.",
    );
  }
  if (!(ropeTheta > 0 && Number.isFinite(ropeTheta))) {
    throw new KernelConfigError(
      "ropeTheta",
      "must be positive and finite",
      ropeTheta,
      "Llama 2 uses 10000.",
    );
  }
  return { D, F, H, KV, h, S, QD: H * h, KD: KV * h, normEps, ropeTheta, qkNorm, dtype, opset };
}

/** The dims for a kernel that has no norms of heads. @throws KernelConfigError also for qkNorm */
export function staticKernelDims(config: LlamaKernelConfig): KernelDims {
  const dims = kernelDims(config);
  if (!dims.qkNorm) return dims;
  throw new KernelConfigError(
    "qkNorm",
    "must be false for kernels with baked weights",
    true,
    "Use the dynamic kernels.",
  );
}
