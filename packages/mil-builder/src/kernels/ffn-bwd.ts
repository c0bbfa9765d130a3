/**
 * Feed-forward backward: dgate = W2ᵀ·dy; dh3 = dgate·silu(h1); dh1 = dgate·h3·silu′(h1), where
 * silu′ = σ(1 + h1(1 − σ)) = σ + silu(h1)·(1 − σ); dx = W1ᵀ·dh1 + W3ᵀ·dh3, the gradient of the normalized input xn.
 * dy: D, h1: F, h3: F channels to dx: D, dh1: F, dh3: F.
 */
import type { Kernel } from "../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { project } from "./project.js";
import { transposedMatrix } from "./slots.js";

/** Generates the feed-forward backward kernel. @throws KernelConfigError */
export function ffnBwd(
  config: LlamaKernelConfig,
): Kernel<"dy" | "h1" | "h3", "dx" | "dh1" | "dh3", "w1" | "w2" | "w3"> {
  const dims = kernelDims(config);
  const { D, F } = dims;
  return defineKernel(dims, {
    name: "ffnBwd",
    inputs: { dy: D, h1: F, h3: F },
    outputs: { dx: D, dh1: F, dh3: F },
    weights: {
      w1: transposedMatrix(F, D),
      w2: transposedMatrix(D, F),
      w3: transposedMatrix(F, D),
    },
    constants: {},
    body: (f, { dy, h1, h3 }, { w1, w2, w3 }) => {
      const dgate = project(f, dy, w2, "dgate");
      const sigmoid = f.sigmoid({ x: h1 }, "sigmoid_h1");
      const silu = f.mul({ x: h1, y: sigmoid }, "silu_h1");
      const complement = f.sub({ x: 1, y: sigmoid }, "one_minus_sigmoid");
      const curvature = f.mul({ x: silu, y: complement }, "silu_complement");
      const slope = f.add({ x: sigmoid, y: curvature }, "silu_slope");
      const dsilu = f.mul({ x: dgate, y: h3 }, "dsilu");
      const dh1 = f.mul({ x: dsilu, y: slope }, "dh1");
      const dh3 = f.mul({ x: dgate, y: silu }, "dh3");
      const dx1 = project(f, dh1, w1, "dx_w1");
      const dx3 = project(f, dh3, w3, "dx_w3");
      return { dx: f.add({ x: dx1, y: dx3 }, "dx"), dh1, dh3 };
    },
  });
}
