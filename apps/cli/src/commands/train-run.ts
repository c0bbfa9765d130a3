/** Runs `ane train`: hands the options to the trainer and its events to the view that fits the output. */
import { type DoneEvent, type TrainOptions, train } from "@ane/trainer";
import { type Context, userPath } from "../context.js";
import { interruptedStatus } from "../exit-status.js";
import { describeSingleRank } from "../launcher.js";
import { formatReport } from "../view/efficiency-report.js";
import { createProgress } from "../view/progress.js";
import type { TrainFlags } from "./train.js";

const pathOptions = ["init", "data", "validation", "out", "resume"] as const;

function trainOptions(context: Context, flags: TrainFlags): TrainOptions {
  const { logEvery: _logEvery, json: _json, quiet: _quiet, ...options } = flags;
  const paths = Object.fromEntries(
    pathOptions.flatMap((name) => {
      const path = flags[name];
      return path === undefined ? [] : [[name, userPath(context, path)]];
    }),
  );
  const model = flags.model?.endsWith(".json") ? { model: userPath(context, flags.model) } : {};
  return {
    ...options,
    ...paths,
    ...model,
    runsDirectory: userPath(context, "runs"),
    signal: context.interruptible(),
  };
}

export async function runTrain(this: Context, flags: TrainFlags): Promise<void> {
  const { stdout, stderr } = this.process;
  const progress =
    flags.json || flags.quiet ? undefined : createProgress(this, { logEvery: flags.logEvery });
  let done: DoneEvent | undefined;
  try {
    for await (const event of train(trainOptions(this, flags))) {
      if (flags.json) stdout.write(`${JSON.stringify(event)}\n`);
      progress?.show(event);
      if (flags.distributed && event.type === "run" && event.ranks === 1) {
        stderr.write(`${describeSingleRank(this.process.env ?? {})}\n`);
      }
      if (event.type === "done") done = event;
    }
  } finally {
    progress?.end();
  }
  if (done === undefined) return;
  if (!flags.json) stdout.write(formatReport(done));
  if (done.reason === "interrupted") {
    stderr.write(
      `Stopped after micro-step ${done.step}; everything is saved. Go on with: ane train --resume ${done.directory}\n`,
    );
    this.process.exitCode = interruptedStatus;
  }
}
