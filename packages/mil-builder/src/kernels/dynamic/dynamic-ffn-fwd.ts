/**
 * Feed-forward forward with its weights as inputs: h1 = W1·xn; h3 = W3·xn; gate = silu(h1)·h3; y = W2·gate.
 * xn [1, D, 1, S] to y: D, h1: F, h3: F, gate: F channels.
 */
import type { DynamicKernel } from "../../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "../config.js";
import { gated } from "../gated.js";
import { defineDynamicKernel } from "./define-dynamic-kernel.js";
import { type FFNWeight, ffnSurface } from "./ffn-surface.js";
import { multiply, multiplyTransposed } from "./multiply.js";

/** Generates the feed-forward kernel of the dynamic pipeline. @throws KernelConfigError */
export function dynamicFFNFwd(
  config: LlamaKernelConfig,
): DynamicKernel<"xn", "y" | "h1" | "h3" | "gate", FFNWeight> {
  const dims = kernelDims(config);
  const { D, F } = dims;
  return defineDynamicKernel(dims, {
    name: "dynamicFFNFwd",
    surface: ffnSurface(dims),
    inputs: ["xn"],
    outputs: { y: D, h1: F, h3: F, gate: F },
    constants: {},
    body: (f, { xn }, weight) => {
      const h1 = multiply(f, weight("w1"), xn, "h1");
      const h3 = multiply(f, weight("w3"), xn, "h3");
      const gate = gated(f, h1, h3);
      return { y: multiplyTransposed(f, weight("w2"), gate, "y"), h1, h3, gate };
    },
  });
}
