/** `ane train`: its flags and help. What it does is in train-run.ts. */
import type { TrainOptions } from "@ane/trainer";
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { integerFrom, numberBetween, numberOr, positiveNumber, text } from "../flag-parsers.js";

/** The trainer's own options by their own names, and how progress is shown. */
export interface TrainFlags extends Omit<TrainOptions, "signal" | "runsDirectory"> {
  readonly logEvery: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const trainCommand = buildCommand<TrainFlags, [], Context>({
  loader: async () => (await import("./train-run.js")).runTrain,
  parameters: {
    flags: {
      model: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "NAME|FILE",
        brief:
          "stories260k, stories15m, stories42m, stories110m or a JSON file [stories110m, or --init's]",
      },
      init: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Start from a llama2.c .bin file instead of random parameters",
      },
      pipeline: {
        kind: "enum",
        values: ["dynamic", "static"],
        optional: true,
        brief:
          "dynamic: weights are inputs of kernels compiled once; static: weights baked into kernels that are recompiled after each update [dynamic]",
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
      evalWindows: {
        kind: "parsed",
        parse: integerFrom(0),
        optional: true,
        placeholder: "N",
        brief: "Windows of --seq tokens that an evaluation takes, 0 = all of the file [32]",
      },
      seq: {
        kind: "parsed",
        parse: integerFrom(1),
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
        brief:
          "Factors of weight-gradient and classifier products; bf16 where the CPU has it [fp32]",
      },
      steps: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        placeholder: "N",
        brief:
          "Micro-steps in all, those before a resume included [100, or no limit with --minutes]",
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
        parse: text,
        optional: true,
        placeholder: "DIR",
        brief: "Go on with the run in this folder, from its last checkpoint",
      },
      logEvery: {
        kind: "parsed",
        parse: integerFrom(1),
        default: "10",
        placeholder: "N",
        brief: "Without a terminal: one line every N micro-steps",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON event per line on standard output, nothing else there",
      },
      quiet: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "No progress, only errors and the report",
      },
    },
  },
  docs: {
    brief: "Train a model",
    fullDescription: [
      "Trains a Llama-family model: forward and input gradients on the device, weight gradients,",
      "loss and Adam on the CPU. Ctrl-C finishes the micro-step, saves, and says how to go on.",
      "",
      "Examples:",
      "  ane train --steps 30",
      "  ane train --model stories15m --steps 2000 --accum 16 --save-every 200 --out runs/mine",
      "  ane train --resume runs/mine --steps 4000",
      "  ane train --data my.bin --validation held-out.bin --epochs 3 --lr 1e-3 --schedule cosine \\",
      "            --warmup 50 --weight-decay 0.1 --eval-every 500 --loss-scale dynamic",
      "  ane train --minutes 45 --steps 20000 --schedule linear --warmup 100   (whatever ends first)",
      "  ane train --init stories15M.bin --data my.tokens.bin --lr 1e-4",
      "  mpirun -n 2 ane train --distributed mpi --accum 5      (as one process with --accum 10)",
      "  ane train --device ane --steps 30      (`ane doctor` says whether this machine can)",
    ].join("\n"),
  },
});
