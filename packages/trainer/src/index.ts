/** Trains Llama-family models: pipelines, optimizer, checkpoints, supervisor. */

export {
  CheckpointError,
  DivergedError,
  OptionError,
  RunLockedError,
  TrainerError,
  WorkerError,
} from "./errors.js";
export type * from "./events.js";
export { flopsPerStep } from "./flops.js";
export { loadModel } from "./model-source.js";
export type { TrainOptions } from "./options.js";
export { type Checkpoint, readCheckpoint } from "./read-checkpoint.js";
export { train, trainInProcess } from "./train.js";
