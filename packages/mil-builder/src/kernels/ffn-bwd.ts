/**
 * Feed-forward backward: dgate = W2ᵀ·dy; dh1, dh3 from it (see gated.ts); dx = W1ᵀ·dh1 + W3ᵀ·dh3, the gradient of the
 * normalized input xn.
 * dy: D, h1: F, h3: F channels to dx: D, dh1: F, dh3: F.
 */
import type { Kernel } from "../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { gatedBackward } from "./gated.js";
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
      const { dh1, dh3 } = gatedBackward(f, { dgate, h1, h3 });
      const dx1 = project(f, dh1, w1, "dx_w1");
      const dx3 = project(f, dh3, w3, "dx_w3");
      return { dx: f.add({ x: dx1, y: dx3 }, "dx"), dh1, dh3 };
    },
  });
}
