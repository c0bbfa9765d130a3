/** The four kernels of the dynamic pipeline by name. All layers share them. */
import type { LlamaKernelConfig } from "../config.js";
import { dynamicAttnBwd } from "./dynamic-attn-bwd.js";
import { dynamicAttnFwd } from "./dynamic-attn-fwd.js";
import { dynamicFFNBwd } from "./dynamic-ffn-bwd.js";
import { dynamicFFNFwd } from "./dynamic-ffn-fwd.js";

/** The kernels of the dynamic pipeline, each with its own slot names. */
export interface DynamicKernels {
  readonly attnFwd: ReturnType<typeof dynamicAttnFwd>;
  readonly ffnFwd: ReturnType<typeof dynamicFFNFwd>;
  readonly ffnBwd: ReturnType<typeof dynamicFFNBwd>;
  readonly attnBwd: ReturnType<typeof dynamicAttnBwd>;
}

/** Generates all four kernels of a configuration. @throws KernelConfigError */
export function dynamicKernels(config: LlamaKernelConfig): DynamicKernels {
  return {
    attnFwd: dynamicAttnFwd(config),
    ffnFwd: dynamicFFNFwd(config),
    ffnBwd: dynamicFFNBwd(config),
    attnBwd: dynamicAttnBwd(config),
  };
}
