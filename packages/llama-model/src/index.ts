/** Llama-family models: configurations, parameters, llama2.c checkpoints, inference and loss. */
export { type LlamaConfig, validateConfig } from "./config.js";
export { type WriteCoreMLOptions, writeCoreML } from "./core-ml/write-core-ml.js";
export { Decoder, type DecoderOptions } from "./decoder.js";
export { ConfigError, FormatError, InputError } from "./errors.js";
export { type EvaluateLossOptions, evaluateLoss, type LossSummary } from "./evaluate-loss.js";
export { type GenerateOptions, generate, type TokenDecoder } from "./generate.js";
export {
  type HuggingFaceModel,
  type ReadHuggingFaceOptions,
  readHuggingFace,
} from "./hugging-face/read-hugging-face.js";
export {
  type WriteHuggingFaceOptions,
  writeHuggingFace,
} from "./hugging-face/write-hugging-face.js";
export { initializeParameters } from "./initialize.js";
export {
  type HuggingFaceInfo,
  inspectHuggingFace,
  inspectLlamaBin,
  inspectSafetensors,
  type LlamaBinInfo,
} from "./inspect-model-file.js";
export { kernelConfig } from "./kernel-config.js";
export {
  type ParameterEntry,
  type ParameterLayout,
  parameterLayout,
  type TensorName,
} from "./layout.js";
export {
  type LlamaBin,
  type ReadLlamaBinOptions,
  readLlamaBin,
} from "./llama-bin/read-llama-bin.js";
export { type WriteLlamaBinOptions, writeLlamaBin } from "./llama-bin/write-llama-bin.js";
export { nearest } from "./nearest.js";
export { type LayerParameters, Parameters } from "./parameters.js";
export { presets } from "./presets.js";
export { type Model, type ReadModelOptions, readModel } from "./read-model.js";
export { resolveConfig } from "./resolve-config.js";
export { type SamplingOptions, sampleToken } from "./sample-token.js";
export { WindowForward } from "./window-forward.js";
export { XorShift64Star } from "./xor-shift.js";
