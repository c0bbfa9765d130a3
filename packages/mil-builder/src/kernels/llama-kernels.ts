/** The six kernels of one layer by name. */
import type { LlamaKernelConfig } from "./config.js";
import { ffnBwd } from "./ffn-bwd.js";
import { fwdAttn } from "./fwd-attn.js";
import { fwdFFN } from "./fwd-ffn.js";
import { qkvBwd } from "./qkv-bwd.js";
import { sdpaBwd1 } from "./sdpa-bwd1.js";
import { sdpaBwd2 } from "./sdpa-bwd2.js";

/** The kernels of one layer, each with its own slot and weight names. */
export interface LlamaKernels {
  readonly fwdAttn: ReturnType<typeof fwdAttn>;
  readonly fwdFFN: ReturnType<typeof fwdFFN>;
  readonly ffnBwd: ReturnType<typeof ffnBwd>;
  readonly sdpaBwd1: ReturnType<typeof sdpaBwd1>;
  readonly sdpaBwd2: ReturnType<typeof sdpaBwd2>;
  readonly qkvBwd: ReturnType<typeof qkvBwd>;
}

/** Generates all six kernels of a configuration. @throws KernelConfigError */
export function llamaKernels(config: LlamaKernelConfig): LlamaKernels {
  return {
    fwdAttn: fwdAttn(config),
    fwdFFN: fwdFFN(config),
    ffnBwd: ffnBwd(config),
    sdpaBwd1: sdpaBwd1(config),
    sdpaBwd2: sdpaBwd2(config),
    qkvBwd: qkvBwd(config),
  };
}
