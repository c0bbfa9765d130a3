/**
 * Feed-forward forward: xn = RMSNorm(x)·norm; h1 = W1·xn; h3 = W3·xn; gate = silu(h1)·h3; y = W2·gate.
 * x [1, D, 1, S] to y: D, h1: F, h3: F, gate: F, xn: D channels.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import { type KernelDims, kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { gated } from "./gated.js";
import { type Projector, projector } from "./project.js";
import { rmsNorm } from "./rms-norm.js";
import { channelGains, matrix } from "./slots.js";

/** Generates the feed-forward forward kernel. @throws KernelConfigError */
export function fwdFFN(
  config: LlamaKernelConfig,
): Kernel<"x", "y" | "h1" | "h3" | "gate" | "xn", "norm" | "w1" | "w2" | "w3"> {
  const dims = kernelDims(config);
  const { D, F } = dims;
  return defineKernel(dims, {
    name: "fwdFFN",
    inputs: { x: D },
    outputs: { y: D, h1: F, h3: F, gate: F, xn: D },
    weights: { norm: channelGains(D), w1: matrix(F, D), w2: matrix(D, F), w3: matrix(F, D) },
    constants: {},
    body: (f, { x }, { norm, ...weights }) => feedForward(f, x, norm, projector(f, weights), dims),
  });
}

/** The formula, for any way to multiply by the weights. */
export function feedForward(
  f: FunctionBuilder,
  x: Value,
  norm: Value,
  project: Projector<"w1" | "w2" | "w3">,
  dims: KernelDims,
): Record<"y" | "h1" | "h3" | "gate" | "xn", Value> {
  const xn = rmsNorm(f, x, norm, dims);
  const h1 = project("w1", xn, "h1");
  const h3 = project("w3", xn, "h3");
  const gate = gated(f, h1, h3);
  const y = project("w2", gate, "y");
  return { y, h1, h3, gate, xn };
}
