/** `ane train`: its help. Its flags are in train-flags.ts, what it does is in train-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { describeAliases } from "../flag-aliases.js";
import { type TrainFlags, trainFlags } from "./train-flags.js";

export const trainCommand = buildCommand<TrainFlags, [], Context>({
  loader: async () => (await import("./train-run.js")).runTrain,
  parameters: { flags: trainFlags, aliases: { c: "config" } },
  docs: {
    brief: "Train a model",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Trains a Llama-family model: forward and input gradients on the device, weight gradients,",
      "loss and Adam on the CPU. Ctrl-C finishes the micro-step, saves, and says how to go on.",
      "",
      "Examples:",
      "  ane train --steps 30",
      "  ane train --model stories15m --steps 2000 --accum 16 --out runs/mine",
      "  ane train --resume runs/mine --steps 4000",
      "  ane train --data my.bin --validation held-out.bin --epochs 3 \\",
      "            --lr 1e-3 --schedule cosine --warmup 50 --eval-every 500",
      "  ane train --init stories15M.bin --data my.tokens.bin --lr 1e-4",
      "  ane train --minutes 45 --steps 20000           # whatever ends first",
      "  ane train --model my-model.mjs                 # exports a defineModel({ ... })",
      "  mpirun -n 2 ane train --distributed mpi --accum 5   # as one with --accum 10",
      "  ane train --device ane --steps 30              # `ane doctor`: can it here?",
      "  ane train --config run.toml --set lr=5e-4      # see `ane config show`, too",
      "",
      describeAliases("train"),
    ].join("\n"),
  },
});
