/**
 * The kernels of pure projections around them in 8 bits: formulas and slots of fwdFFN, fwdAttn and qkvBwd, weights int8 with
 * their scales as additional weights, activations quantized before each convolution (see int8-project.ts). Needs
 * opset ios17. int8 weights are reported broken on M3 Max and fine on M4 (Espresso).
 */
import type { Kernel } from "../kernel.js";
import { attentionConstants } from "./attention.js";
import { kernelDims, type LlamaKernelConfig, staticKernelDims } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { attentionBlock } from "./fwd-attn.js";
import { feedForward } from "./fwd-ffn.js";
import { checkInt8, int8Projector, int8Weights } from "./int8-project.js";
import { projectionsBackward } from "./qkv-bwd.js";
import { channelGains, matrix, transposedMatrix } from "./slots.js";

/** Steps of the int8 activations, by what is quantized: largest magnitude expected / 127. */
export type Int8Scales<Activation extends string> = Readonly<Record<Activation, number>>;

/** The weights of an 8-bit kernel: each matrix as int8, and its scales. */
export type Int8Weight<Weight extends string> = Weight | `${Weight}_scale`;

/** Generates fwdFFN in 8 bits. @throws KernelConfigError */
export function fwdFFNInt8(
  config: LlamaKernelConfig,
  { xn, gate }: Int8Scales<"xn" | "gate">,
): Kernel<"x", "y" | "h1" | "h3" | "gate" | "xn", "norm" | Int8Weight<"w1" | "w2" | "w3">> {
  const dims = kernelDims(config);
  const { D, F } = dims;
  checkInt8(dims, { xn, gate });
  return defineKernel(dims, {
    name: "fwdFFNInt8",
    inputs: { x: D },
    outputs: { y: D, h1: F, h3: F, gate: F, xn: D },
    weights: {
      norm: channelGains(D),
      ...int8Weights({ w1: matrix(F, D), w2: matrix(D, F), w3: matrix(F, D) }),
    },
    constants: {},
    body: (f, { x }, { norm, ...weights }) => {
      const project = int8Projector(f, weights, { w1: xn, w3: xn, w2: gate });
      return feedForward(f, x, norm, project, dims);
    },
  });
}

/** Generates fwdAttn with its projections in 8 bits; attention itself stays in fp16. @throws KernelConfigError */
export function fwdAttnInt8(
  config: LlamaKernelConfig,
  { xn, a }: Int8Scales<"xn" | "a">,
): Kernel<"x", "o" | "q" | "k" | "v" | "a" | "xn", "norm" | Int8Weight<"wq" | "wk" | "wv" | "wo">> {
  const dims = staticKernelDims(config);
  const { D, QD, KD } = dims;
  checkInt8(dims, { xn, a });
  return defineKernel(dims, {
    name: "fwdAttnInt8",
    inputs: { x: D },
    outputs: { o: D, q: QD, k: KD, v: KD, a: QD, xn: D },
    weights: {
      norm: channelGains(D),
      ...int8Weights({
        wq: matrix(QD, D),
        wk: matrix(KD, D),
        wv: matrix(KD, D),
        wo: matrix(D, QD),
      }),
    },
    constants: attentionConstants(dims),
    body: (f, { x }, { norm, ...weights }, constants) => {
      const project = int8Projector(f, weights, { wq: xn, wk: xn, wv: xn, wo: a });
      return attentionBlock(f, x, norm, project, constants, dims);
    },
  });
}

/** Generates qkvBwd in 8 bits. @throws KernelConfigError */
export function qkvBwdInt8(
  config: LlamaKernelConfig,
  { dq, dk, dv }: Int8Scales<"dq" | "dk" | "dv">,
): Kernel<"dq" | "dk" | "dv", "dx", Int8Weight<"wq" | "wk" | "wv">> {
  const dims = kernelDims(config);
  const { D, QD, KD } = dims;
  checkInt8(dims, { dq, dk, dv });
  return defineKernel(dims, {
    name: "qkvBwdInt8",
    inputs: { dq: QD, dk: KD, dv: KD },
    outputs: { dx: D },
    weights: int8Weights({
      wq: transposedMatrix(QD, D),
      wk: transposedMatrix(KD, D),
      wv: transposedMatrix(KD, D),
    }),
    constants: {},
    body: (f, gradients, weights) => {
      const project = int8Projector(f, weights, { wq: dq, wk: dk, wv: dv });
      return projectionsBackward(f, gradients, project);
    },
  });
}
