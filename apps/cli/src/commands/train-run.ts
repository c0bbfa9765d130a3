/** Runs `ane train`: hands the options to the trainer and its events to the view that fits the output. */
import { type DoneEvent, RunControl, train } from "@ane/trainer";
import { givenOptions, storeOptions } from "../config/stored-options.js";
import type { Context } from "../context.js";
import { interruptedStatus } from "../exit-status.js";
import { describeSingleRank } from "../launcher.js";
import { formatReport } from "../view/efficiency-report.js";
import { createTrainView, expectOneView } from "../view/train-view.js";
import type { TrainFlags } from "./train-flags.js";
import { trainRequest } from "./train-options.js";

/** Micro-steps per line without a terminal. */
const LOG_EVERY = 10;

export async function runTrain(this: Context, given: TrainFlags): Promise<void> {
  const { stdout, stderr } = this.process;
  const { flags, options, origins } = await trainRequest(this, given);
  expectOneView(flags);
  const control = new RunControl();
  const signal = this.interruptible();
  const { logEvery = LOG_EVERY, dashboard, plain, ascii } = flags;
  const progress =
    flags.json || flags.quiet
      ? undefined
      : createTrainView(this, { control, signal, logEvery, dashboard, plain, ascii });
  let done: DoneEvent | undefined;
  try {
    for await (const event of train({ ...options, control, signal })) {
      if (event.type === "run") storeOptions(event.directory, givenOptions(options, origins));
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
