/**
 * One point of a scaling study in a process of its own: `node point.mjs '{"options":{...},"threads":N,"steps":N}'` runs micro-steps
 * of the trainer and answers with one line of JSON. With `accum` in the options, whole updates are timed.
 */
import { fp32Peak, measurePeaks, setThreads } from "./limits.mjs";
import { MicroSteps } from "./micro-steps.mjs";
import { spread } from "./statistics.mjs";
import { textFor } from "./tokens.mjs";

const { options, threads, steps } = JSON.parse(process.argv[2]);
const warmUp = 2;

setThreads(threads);
const sequences = options.accum ?? 1;
const run = await MicroSteps.start({ ...textFor(options.model), ...options });
const ms = [];
const peaks = [];
for (let i = 0; i < warmUp + steps; i++) {
  peaks.push(fp32Peak(measurePeaks(0.01)));
  let elapsed = 0;
  for (let sequence = 0; sequence < sequences; sequence++) elapsed += (await run.step()).ms;
  if (i >= warmUp) ms.push(elapsed);
}
const { flopsPerStep, pipeline } = run.run;
console.log(
  JSON.stringify({
    ms: spread(ms),
    flops: sequences * flopsPerStep,
    peak: spread(peaks),
    pipeline,
  }),
);
