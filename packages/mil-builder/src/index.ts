/** Typed MIL programs for Apple's Neural Engine: build, print, parse, verify, interpret. */
export { type Blob, type BlobSource, readBlob, readBlobFile, writeBlobFile } from "./blob.js";
export {
  type BuildOptions,
  buildProgram,
  type FunctionBuilder,
  type FunctionOutputs,
} from "./builder.js";
export { ArgumentError, FormatError, type FormatErrorCode, ShapeError } from "./errors.js";
export { floatFromHalf, fromHalfArray, halfFromFloat, toHalfArray } from "./half.js";
export {
  type InterpretOptions,
  interpret,
  type Numerics,
  type TensorSource,
} from "./interpret.js";
export type * from "./kernel.js";
export { KernelConfigError, type LlamaKernelConfig } from "./kernels/config.js";
export { ffnBwd } from "./kernels/ffn-bwd.js";
export { fwdAttn } from "./kernels/fwd-attn.js";
export { fwdFFN } from "./kernels/fwd-ffn.js";
export { kernelFlops } from "./kernels/kernel-flops.js";
export { type LlamaKernels, llamaKernels } from "./kernels/llama-kernels.js";
export { qkvBwd } from "./kernels/qkv-bwd.js";
export { sdpaBwd1 } from "./kernels/sdpa-bwd1.js";
export { sdpaBwd2 } from "./kernels/sdpa-bwd2.js";
export type { OpDefinition } from "./op-definition.js";
export { opDefinition } from "./ops/table.js";
export { parse } from "./parse.js";
export { type PrintOptions, print } from "./print.js";
export type * from "./program.js";
export type { Tensor } from "./tensor.js";
export { byteSize, sameType, scalar, tensor } from "./tensor-type.js";
export type { Chip, Diagnostic } from "./verify/diagnostic.js";
export { verify } from "./verify/verify.js";
