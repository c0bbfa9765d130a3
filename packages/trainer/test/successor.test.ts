/** The process that is made ready before a planned restart: when it comes, and what happens when things end otherwise. */
import { expect, it } from "vitest";
import { type TrainEvent, type TrainOptions, train, trainInProcess } from "../src/index.js";
import { workersOf } from "./support/processes.js";
import { collect, losses, ofType, slowModel, TINY_KERNELS, tinyRun } from "./support/tiny-run.js";

const recipe = { pipeline: "static", accum: 8, saveEvery: 4, lr: 1e-3 } as const;
const text = { config: slowModel };

const slowRun = (options: TrainOptions) =>
  tinyRun({ ...recipe, compileBudget: TINY_KERNELS, ...options }, text).options;

/** Losses of the same run, undisturbed and in one process. */
async function undisturbed(steps: number) {
  return losses(await collect(trainInProcess(tinyRun({ ...recipe, steps }, text).options)));
}

interface Workers {
  readonly working: number;
  readonly waiting: number;
}

/**
 * Trains, and does something to the workers when there are two; the working one is stopped meanwhile, so that it is still there.
 * @param until Whether that was enough. A working one may have been on its way out already.
 */
async function disturb(
  options: TrainOptions,
  disturbance: (workers: Workers) => void,
  until: (times: number) => boolean = (times) => times === 1,
) {
  const events: TrainEvent[] = [];
  let times = 0;
  for await (const event of train(options)) {
    events.push(event);
    // Looking takes longer than a micro-step on a busy machine, and events wait meanwhile.
    const isTime = event.type === "step" && event.step % recipe.accum >= recipe.accum - 2;
    if (!isTime) continue;
    const [working, waiting] = until(times) ? [] : workersOf(process.pid).sort((a, b) => a - b);
    if (working === undefined || waiting === undefined) continue;
    process.kill(working, "SIGSTOP");
    if (workersOf(process.pid).length === 2) {
      disturbance({ working, waiting });
      times += 1;
    }
    process.kill(working, "SIGCONT");
  }
  expect(times).toBeGreaterThan(0);
  return events;
}

it("comes shortly before the update that it is for, and none for the end of the run", async () => {
  const updates = 6;
  const seen: number[][] = Array.from({ length: updates }, () => []); // workers at each micro-step of each update
  for await (const event of train(slowRun({ steps: updates * recipe.accum }))) {
    if (event.type !== "step") continue;
    const [working] = workersOf(process.pid).sort((a, b) => a - b);
    if (working !== undefined) process.kill(working, "SIGSTOP"); // else it runs ahead while we look
    seen[Math.floor((event.step - 1) / recipe.accum)]!.push(workersOf(process.pid).length);
    if (working !== undefined) process.kill(working, "SIGCONT");
  }
  // On a busy machine an update may be over before its events are heard of: not each one must show it.
  const last = seen.pop()!;
  expect(Math.min(...seen.map(([first]) => first!))).toBe(1);
  expect(Math.max(...seen.flatMap((counts) => counts.slice(-2)))).toBe(2);
  expect(Math.max(...last)).toBe(1);
});

it("goes when the run is interrupted before its turn", async () => {
  const controller = new AbortController();
  const options = slowRun({ steps: 1000 });
  const events = await disturb({ ...options, signal: controller.signal }, () => controller.abort());
  expect(workersOf(process.pid)).toEqual([]);
  const steps = ofType(events, "done")[0]!.step + 2;
  const rest = await collect(train({ resume: options.out, steps }));
  expect([...losses(events), ...losses(rest)]).toEqual(await undisturbed(steps));
});

it("is replaced when it dies while it waits", async () => {
  // On a busy machine the first one may not be seen.
  const events = await disturb(slowRun({ steps: 26 }), ({ waiting }) => {
    process.kill(waiting, "SIGKILL");
  });
  expect(losses(events)).toEqual(await undisturbed(26));
  expect(ofType(events, "restart")).toHaveLength(3);
});

it("does not take over from a worker that was killed", async () => {
  const options = slowRun({ steps: 1000 });
  const kill = ({ working }: Workers) => process.kill(working, "SIGKILL");
  const run = disturb(options, kill, () => false);
  await expect(run).rejects.toThrow(/signal SIGKILL after micro-step \d+.*resume/);
  expect(workersOf(process.pid)).toEqual([]);
  const rest = losses(await collect(train({ resume: options.out, steps: 24 })));
  expect(rest).toEqual((await undisturbed(24)).slice(-rest.length));
  expect(rest[0]![0] % recipe.saveEvery).toBe(1);
});
