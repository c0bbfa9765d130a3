/**
 * Feed-forward backward with its weights as inputs: dgate = W2ᵀ·dy; dh1, dh3 from it (see gated.ts);
 * dx = W1ᵀ·dh1 + W3ᵀ·dh3. dy: D, h1: F, h3: F channels to dx: D, dh1: F, dh3: F.
 */
import type { DynamicKernel } from "../../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "../config.js";
import { gatedBackward } from "../gated.js";
import { defineDynamicKernel } from "./define-dynamic-kernel.js";
import { type FFNWeight, ffnSurface } from "./ffn-surface.js";
import { multiply, multiplyTransposed } from "./multiply.js";

/** Generates the feed-forward backward kernel of the dynamic pipeline. @throws KernelConfigError */
export function dynamicFFNBwd(
  config: LlamaKernelConfig,
): DynamicKernel<"dy" | "h1" | "h3", "dx" | "dh1" | "dh3", FFNWeight> {
  const dims = kernelDims(config);
  const { D, F } = dims;
  return defineDynamicKernel(dims, {
    name: "dynamicFFNBwd",
    surface: ffnSurface(dims),
    inputs: ["dy", "h1", "h3"],
    outputs: { dx: D, dh1: F, dh3: F },
    constants: {},
    body: (f, { dy, h1, h3 }, weight) => {
      const dgate = multiply(f, weight("w2"), dy, "dgate");
      const { dh1, dh3 } = gatedBackward(f, { dgate, h1, h3 });
      const dx1 = multiplyTransposed(f, weight("w1"), dh1, "dx_w1");
      const dx3 = multiplyTransposed(f, weight("w3"), dh3, "dx_w3");
      return { dx: f.add({ x: dx1, y: dx3 }, "dx"), dh1, dh3 };
    },
  });
}
