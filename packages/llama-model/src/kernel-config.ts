/** From a model to the configuration of its kernels. */
import type { LlamaKernelConfig } from "@ane/mil-builder";
import type { LlamaConfig } from "./config.js";

/**
 * The dims that the kernel generators need; they check what kernels demand beyond a model (seqLen a multiple of 32).
 * @param options What a run chooses: its sequence length, the dtype and opset of the programs.
 */
export function kernelConfig(
  config: LlamaConfig,
  options: Partial<Pick<LlamaKernelConfig, "seqLen" | "dtype" | "opset">> = {},
): LlamaKernelConfig {
  const { dim, hiddenDim, heads, kvHeads, headDim, seqLen, normEps, ropeTheta, qkNorm } = config;
  const dims = { dim, hiddenDim, heads, kvHeads, headDim, seqLen };
  return { ...dims, normEps, ropeTheta, qkNorm, ...options };
}
