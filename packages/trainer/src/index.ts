/** Trains Llama-family models: pipelines, optimizer, checkpoints, supervisor. */

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
export { train, trainInProcess } from "./train.js";
