/** Typed MIL programs for Apple's Neural Engine: build, print, parse, verify, interpret. */
export type { Blob, BlobData, BlobSource } from "./blob/blob.js";
export { decodeBlob, encodeBlob } from "./blob/blob-codec.js";
export type { ByteSource, FileBytes } from "./blob/byte-source.js";
export type { BlobDefectName } from "./blob/defects.js";
export {
  type BlobDefect,
  type DiagnoseOptions,
  diagnoseBlobFile,
} from "./blob/diagnose-blob-file.js";
export {
  type BlobFile,
  openBlobFile,
  type ReadBlobOptions,
  readBlob,
  readBlobFile,
} from "./blob/read-blob-file.js";
export {
  BLOB_PREFIX_BYTES,
  blobOffsets,
  writeBlobFile,
  writeBlobPrefix,
} from "./blob/write-blob-file.js";
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
export {
  ADAM_W_REST,
  type AdamWInput,
  type AdamWKernelConfig,
  type AdamWOutput,
  adamW,
} from "./kernels/adam-w.js";
export { classifierBwd } from "./kernels/classifier-bwd.js";
export { classifierFwd } from "./kernels/classifier-fwd.js";
export { KernelConfigError, type LlamaKernelConfig } from "./kernels/config.js";
export { type DynamicKernels, dynamicKernels } from "./kernels/dynamic/dynamic-kernels.js";
export { ffnBwd } from "./kernels/ffn-bwd.js";
export { finalRmsNorm } from "./kernels/final-rms-norm.js";
export { fwdAttn } from "./kernels/fwd-attn.js";
export { fwdFFN } from "./kernels/fwd-ffn.js";
export {
  fwdAttnInt8,
  fwdFFNInt8,
  type Int8Scales,
  type Int8Weight,
  qkvBwdInt8,
} from "./kernels/int8-kernels.js";
export { kernelFlops, operationFlops } from "./kernels/kernel-flops.js";
export {
  type LanguageModel,
  type LanguageModelConfig,
  type LanguageModelWeight,
  languageModel,
} from "./kernels/language-model.js";
export { type LlamaKernels, llamaKernels } from "./kernels/llama-kernels.js";
export { qkvBwd } from "./kernels/qkv-bwd.js";
export { rmsNormBwd } from "./kernels/rms-norm-bwd.js";
export { sdpaBwd1 } from "./kernels/sdpa-bwd1.js";
export { sdpaBwd2 } from "./kernels/sdpa-bwd2.js";
export { softmaxVocab } from "./kernels/softmax-vocab.js";
export type { VocabularyKernelConfig } from "./kernels/vocabulary.js";
export type { OpDefinition } from "./op-definition.js";
export { opDefinition } from "./ops/table.js";
export { simplifyCasts } from "./passes/casts.js";
export { shareSubexpressions } from "./passes/common-subexpressions.js";
export { type FoldOptions, foldConstants } from "./passes/constant-folding.js";
export { removeDeadCode } from "./passes/dead-code.js";
export type { Pass } from "./passes/pass.js";
export { DEFAULT_PASSES, runPasses } from "./passes/run-passes.js";
export { simplifyShapes } from "./passes/shapes.js";
export * from "./program.js";
export {
  dequantizeInt8,
  type Int8Weights,
  type QuantizationNoise,
  type QuantizeInt8Options,
  quantizeInt8,
} from "./quantize-int8.js";
export type { Tensor } from "./tensor.js";
export {
  byteSize,
  isUnknownDim,
  sameType,
  scalar,
  staticTypeOf,
  tensor,
  tensorTypeOf,
} from "./tensor-type.js";
export { parse } from "./text/parse.js";
export type { ParseOptions } from "./text/parse-options.js";
export { type PrintOptions, print } from "./text/print.js";
export type { Chip, Diagnostic, Os, VerifyOptions } from "./verify/diagnostic.js";
export { verify } from "./verify/verify.js";
