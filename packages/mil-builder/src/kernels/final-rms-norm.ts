/** The RMSNorm before the classifier: x [1, D, 1, S] to xn: D channels; formula and fp16 range in rms-norm.ts. */
import type { Kernel } from "../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { rmsNorm } from "./rms-norm.js";
import { channelGains } from "./slots.js";

/** Generates the final RMSNorm. @throws KernelConfigError */
export function finalRmsNorm(config: LlamaKernelConfig): Kernel<"x", "xn", "norm"> {
  const dims = kernelDims(config);
  const { D } = dims;
  return defineKernel(dims, {
    name: "finalRmsNorm",
    inputs: { x: D },
    outputs: { xn: D },
    weights: { norm: channelGains(D) },
    constants: {},
    body: (f, { x }, { norm }) => ({ xn: rmsNorm(f, x, norm, dims) }),
  });
}
