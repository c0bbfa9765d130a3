/** The flags of `ane train`: the trainer's own options by their own names, and how the run is shown. `ane config show` has them too. */
import type { TrainOptions } from "@ane/trainer";
import type { FlagParametersForType } from "@stricli/core";
import { modelNames } from "../completion/model-names.js";
import type { Context } from "../context.js";
import {
  assignment,
  integerFrom,
  multipleOf,
  numberBetween,
  numberOr,
  positiveNumber,
  text,
} from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

/** What shapes a run: also the keys of configuration files. A flag that is not given is undefined, so that a file may say it. */
export interface TrainFlags extends Omit<TrainOptions, "signal" | "runsDirectory" | "control"> {
  readonly config?: string;
  readonly set?: readonly (readonly [name: string, value: string])[];
  readonly scratch?: boolean;
  readonly logEvery?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly dashboard?: boolean;
  readonly plain?: boolean;
  readonly ascii?: boolean;
}

export const trainFlags: FlagParametersForType<TrainFlags, Context> = {
  config: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "Options from a .json, .toml or .mjs file; flags and --set go before it",
  },
  set: {
    kind: "parsed",
    parse: assignment,
    variadic: true,
    optional: true,
    placeholder: "NAME=VALUE",
    brief: "An option by name, as in a configuration file; may be repeated",
  },
  model: {
    kind: "parsed",
    parse: text,
    proposeCompletions: modelNames,
    optional: true,
    placeholder: "NAME|FILE",
    brief:
      "stories260k, stories15m, stories42m, stories110m, a JSON file, or a module (.mjs) that defines a model of your own layers [stories110m, or --init's]",
  },
  init: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief:
      "Start from a llama2.c .bin file, a Hugging Face folder, a checkpoint or a run instead of random parameters",
  },
  pipeline: {
    kind: "enum",
    values: ["dynamic", "static"],
    optional: true,
    brief:
      "dynamic: weights are inputs of kernels compiled once; static: weights baked into kernels that are recompiled after each update [dynamic]",
  },
  kernels: {
    kind: "enum",
    values: ["derived", "handwritten"],
    optional: true,
    brief: "derived from the forward passes by differentiation, or those written by hand [derived]",
  },
  device: {
    kind: "enum",
    values: ["auto", "cpu", "ane"],
    optional: true,
    brief: "Where the kernels run; ane is an error where there is no Neural Engine [auto]",
  },
  numerics: {
    kind: "enum",
    values: ["fp16", "fp32"],
    optional: true,
    brief: "Number format of the kernels; fp32 is for debugging, cpu only [fp16]",
  },
  data: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "Token file to train on [the embedded stories]",
  },
  validation: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "Token file to evaluate [the embedded validation stories, if --data is not given]",
  },
  evalEvery: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief:
      "Evaluate every N micro-steps and keep the best parameters, 0 = evaluate at the end only [0]",
  },
  sampleEvery: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief: "Write a text from the present parameters every N micro-steps, 0 = when asked for [0]",
  },
  samplePrompts: {
    kind: "parsed",
    parse: text,
    optional: true,
    variadic: true,
    placeholder: "TEXT",
    brief: "What samples begin with; may be given several times [Once upon a time]",
  },
  tokenizer: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief:
      "tokenizer.bin or SentencePiece .model, for samples and bits per byte [Llama 2's, if it fits]",
  },
  evalWindows: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief: "Windows of --seq tokens that an evaluation takes, 0 = all of the file [32]",
  },
  seq: {
    kind: "parsed",
    parse: multipleOf(32),
    optional: true,
    placeholder: "S",
    brief: "Tokens per sequence, a multiple of 32 [the model's]",
  },
  compactVocab: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Classify only the token ids that occur in the data: faster; evaluation uses all",
  },
  precision: {
    kind: "enum",
    values: ["fp32", "bf16"],
    optional: true,
    brief: "Factors of weight-gradient and classifier products; bf16 where the CPU has it [fp32]",
  },
  optimizer: {
    kind: "enum",
    values: ["cpu", "device", "device-half"],
    optional: true,
    brief:
      "Where AdamW runs: in fp32 on the CPU, or as a kernel on the device, in pairs of halves or single ones [cpu]",
  },
  steps: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Micro-steps in all, those before a resume included [100, or no limit with --minutes]",
  },
  tokens: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Instead of --steps: training tokens in all, rounded up to whole updates",
  },
  epochs: {
    kind: "parsed",
    parse: positiveNumber,
    optional: true,
    placeholder: "N",
    brief: "Instead of --steps: as many tokens as the data has N times",
  },
  minutes: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    placeholder: "N",
    brief: "End after so much work, that before a resume included, 0 = no limit [0]",
  },
  accum: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Micro-steps per update [10]",
  },
  batchTokens: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Instead of --accum: tokens per update, a multiple of --seq",
  },
  lr: { kind: "parsed", parse: positiveNumber, optional: true, brief: "Learning rate [3e-4]" },
  schedule: {
    kind: "enum",
    values: ["constant", "cosine", "linear"],
    optional: true,
    brief: "Of the learning rate after the warm-up: how it falls to --min-lr [constant]",
  },
  warmup: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief: "Updates in which the learning rate rises to --lr [0]",
  },
  minLr: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    brief: "Learning rate at the end of the schedule [a tenth of --lr]",
  },
  decayUpdates: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Update from which on the learning rate is --min-lr [the run's last]",
  },
  beta1: {
    kind: "parsed",
    parse: numberBetween(0, 1),
    optional: true,
    brief: "Adam: decay of the first moment [0.9]",
  },
  beta2: {
    kind: "parsed",
    parse: numberBetween(0, 1),
    optional: true,
    brief: "Adam: decay of the second moment [0.999]",
  },
  epsilon: {
    kind: "parsed",
    parse: positiveNumber,
    optional: true,
    brief: "Adam: added to the root of the second moment [1e-8]",
  },
  weightDecay: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    brief: "Decoupled weight decay, not on norms [0]",
  },
  clip: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    brief: "Largest global gradient norm, 0 = no clipping [1]",
  },
  lossScale: {
    kind: "parsed",
    parse: numberOr("dynamic"),
    optional: true,
    placeholder: "N|dynamic",
    brief:
      "Factor that keeps fp16 gradients from underflowing; dynamic finds it, and skips updates that overflow [256]",
  },
  zLoss: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    brief: "Weight of the mean squared log-sum-exp in what is minimized, 0 = none [0]",
  },
  softcap: {
    kind: "parsed",
    parse: numberBetween(0),
    optional: true,
    brief: "Bound logits by N tanh(logits / N), 0 = none [0]",
  },
  seed: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    brief: "Seed of initial parameters and data order [42]",
  },
  compileBudget: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief: "Compilations per process before it is replaced, 0 = no limit [119]",
  },
  saveEvery: {
    kind: "parsed",
    parse: integerFrom(0),
    optional: true,
    placeholder: "N",
    brief: "Checkpoint every N micro-steps, 0 = at the end only [100]",
  },
  keep: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "K",
    brief: "Newest checkpoints that are kept, the best by validation loss beside them [2]",
  },
  distributed: {
    kind: "enum",
    values: ["mpi"],
    optional: true,
    brief: "Train with all processes of one mpirun, --accum micro-steps per update on each",
  },
  out: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "DIR",
    brief: "Folder of the new run [runs/<model>-<time>]",
  },
  resume: {
    kind: "parsed",
    parse: String,
    inferEmpty: true,
    proposeCompletions: runNames,
    optional: true,
    placeholder: "RUN",
    brief:
      "Go on from the last checkpoint of the run in this folder, or of this name under runs/ [newest]",
  },
  scratch: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    hidden: true,
    brief: "Start from random parameters, which is what happens without --init and --resume",
  },
  logEvery: {
    kind: "parsed",
    parse: integerFrom(1),
    optional: true,
    placeholder: "N",
    brief: "Without a terminal: one line every N micro-steps [10]",
  },
  json: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "One JSON event per line on standard output, nothing else there",
  },
  dashboard: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Show the live view, which a terminal gets anyway; an error where there is none",
  },
  plain: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Lines instead of the live view, as without a terminal",
  },
  ascii: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Draw the live view with ASCII characters alone",
  },
  quiet: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "No progress, only errors and the report",
  },
};
