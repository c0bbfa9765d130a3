/** Gradients of MIL programs, as MIL programs. */

export { type ConstantBlob, constantBlob } from "../kernels/constant-blob.js";
export { DeriveError, type DeriveErrorCode } from "./derive/derive-error.js";
export { deriveTraining } from "./derive/derive-training.js";
export { type DeviceCosts, M3_COSTS } from "./derive/device-costs.js";
export {
  type DerivedLlama,
  type DerivedLlamaOptions,
  derivedLlama,
} from "./derive/llama-layers.js";
export { project } from "./derive/project.js";
export type {
  DerivedKernel,
  DerivedWeight,
  DeriveOptions,
  KernelSummary,
  LayerDefinition,
  ParameterShape,
  Place,
  SavedValue,
  TrainingKernels,
  TrainingPlan,
  Transfer,
  WeightGradient,
} from "./derive/types.js";
export { type GradOptions, grad } from "./grad.js";
export { GradientError, type GradientErrorCode } from "./gradient-error.js";
export { type JointGraph, jointGraph } from "./joint-graph.js";
export type { JointOptions } from "./joint-options.js";
export { expectRules } from "./own-rules.js";
export { spread } from "./spread.js";
export { sumToShape } from "./sum-to-shape.js";
export type { Gradients, RefusedRule, RuleEntry, Rules, Vjp, VjpRule, ZeroRule } from "./vjp.js";
