/** Trains Llama-family models: pipelines, optimizer, checkpoints, supervisor. */

export { project } from "@ane/mil-builder/autodiff";
export type { CheckpointHeader } from "./checkpoint-file.js";
export { type DefinedRun, type HeldOutOptions, openDefinedRun } from "./defined-run.js";
export {
  CheckpointError,
  DivergedError,
  OptionError,
  PeerError,
  RunLockedError,
  TrainerError,
  WorkerError,
} from "./errors.js";
export type * from "./events.js";
export { flopsPerStep } from "./flops.js";
export { inspectCheckpoint } from "./inspect-checkpoint.js";
export { causalMask } from "./layers/causal-mask.js";
export {
  type ConstantDefinition,
  defineLayer,
  type LayerDefinition,
  type LayerValues,
  type ParameterDefinition,
} from "./layers/define-layer.js";
export { defineModel, type ModelDefinition } from "./layers/define-model.js";
export { DefinitionError } from "./layers/definition-error.js";
export { describeLayers, type LayerDescription } from "./layers/describe-layers.js";
export {
  type ModelGradients,
  type ModelGradientsOptions,
  modelGradients,
} from "./layers/model-gradients.js";
export type {
  ImageInput,
  LabelHead,
  ModelOptions,
  NextTokenHead,
  TokenInput,
} from "./layers/model-options.js";
export type { TextModel } from "./model-record.js";
export { loadModel } from "./model-source.js";
export type { TrainOptions } from "./options.js";
export {
  type CalibratedTime,
  type Calibration,
  calibrateCostModel,
} from "./plan/calibrate-cost-model.js";
export type { Coefficients } from "./plan/chip-rates.js";
export {
  type PlannedTime,
  type PlanOptions,
  planTraining,
  type TrainingPlan,
} from "./plan/plan-training.js";
export { type Checkpoint, readCheckpoint } from "./read-checkpoint.js";
export { type Replay, replayDump } from "./replay-dump.js";
export { requestRun } from "./request-folder.js";
export { resolveRun } from "./resolve-run.js";
export type { RunAction } from "./run-action.js";
export {
  EMBEDDED,
  type Execution,
  type Recipe,
  type ResolvedRun,
  type RunConfig,
  readRunConfig,
} from "./run-config.js";
export { RunControl } from "./run-control.js";
export { runOf } from "./run-of.js";
export { train, trainInProcess } from "./train.js";
export type { WritingOptions } from "./trainable-model.js";
