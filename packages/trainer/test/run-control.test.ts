/** What is asked of a run while it works: served once, told, and without a trace in the losses. Needs the built worker. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunControl, requestRun, type TrainOptions, train, trainInProcess } from "../src/index.js";
import { RequestFolder } from "../src/request-folder.js";
import { RunLock } from "../src/run-lock.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, losses, ofType, TINY_KERNELS, tinyRun } from "./support/tiny-run.js";

const ways = [
  ["train", train],
  ["trainInProcess", trainInProcess],
] as const;

async function undisturbed(options: TrainOptions) {
  return losses(await collect(trainInProcess(tinyRun(options).options)));
}

describe.each(ways)("%s", (_name, run) => {
  it("serves what is asked for, in order, and the losses are those of a run that was left alone", async () => {
    const settings = { steps: 100_000, accum: 3 } as const;
    const { options } = tinyRun(settings);
    const validation = options.data;
    const control = new RunControl();
    const events = [];
    const ids: string[] = [];
    for await (const event of run({ ...options, validation, evalWindows: 2, control })) {
      events.push(event);
      if (event.type === "step" && event.step === 4) {
        for (const action of ["checkpoint", "evaluate", "sample", "pause"] as const) {
          ids.push(control.request(action));
        }
      }
      if (event.type === "pause")
        for (const action of ["checkpoint", "resume", "finish"] as const)
          ids.push(control.request(action));
    }
    const [done] = ofType(events, "done");
    expect(losses(events)).toEqual(await undisturbed({ ...settings, steps: done!.step }));
    const requests = ofType(events, "request");
    expect(requests.map(({ id }) => id)).toEqual(ids);
    expect(requests.map(({ action }) => action)).toEqual([
      ...["checkpoint", "evaluate", "sample", "pause", "checkpoint", "resume", "finish"],
    ]);
    // The model has 64 token ids: Llama 2's tokenizer is not its own.
    expect(requests.filter(({ refused }) => refused).map(({ action }) => action)).toEqual([
      "sample",
    ]);
    const at = requests[0]!.step;
    expect(ofType(events, "checkpoint")[0]).toMatchObject({ kind: "last", step: at });
    expect(ofType(events, "evaluation")[0]!.step).toBe(at);
    const [pause] = ofType(events, "pause");
    const [resume] = ofType(events, "resume");
    expect(resume!.step).toBe(pause!.step);
    const between = events.slice(events.indexOf(pause!) + 1, events.indexOf(resume!));
    expect(between.map(({ type }) => type)).not.toContain("step");
  });

  it("ends with a checkpoint when asked to finish, also while it is paused", async () => {
    const { options } = tinyRun({ steps: 100_000 });
    const control = new RunControl();
    control.request("pause"); // before the run has begun
    const events = [];
    for await (const event of run({ ...options, control })) {
      events.push(event);
      if (event.type === "pause") control.request("finish");
    }
    expect(ofType(events, "step")).toEqual([]);
    expect(ofType(events, "done")[0]).toMatchObject({ reason: "interrupted", step: 0 });
  });

  it("ends while it is paused when its signal says so", async () => {
    const { options } = tinyRun({ steps: 100_000 });
    const control = new RunControl();
    const stop = new AbortController();
    const events = [];
    for await (const event of run({ ...options, control, signal: stop.signal })) {
      events.push(event);
      if (event.type === "step" && event.step === 2) control.request("pause");
      if (event.type === "pause") setTimeout(() => stop.abort(), 20);
    }
    const [done] = ofType(events, "done");
    expect(done?.reason).toBe("interrupted");
    expect(ofType(events, "checkpoint").at(-1)?.step).toBe(done?.step);
  });
});

describe("several processes", () => {
  it("serve each request once, whichever of them is at work", async () => {
    const settings = { pipeline: "static", steps: 24, accum: 2 } as const;
    const { options } = tinyRun({ ...settings, compileBudget: TINY_KERNELS + 3 });
    const control = new RunControl();
    const ids: string[] = [];
    let askedBefore = 0;
    const events = [];
    for await (const event of train({ ...options, control })) {
      events.push(event);
      if (event.type === "restart") askedBefore = ids.length;
      if (event.type === "step") ids.push(control.request("checkpoint"));
    }
    expect(ofType(events, "restart").length).toBeGreaterThan(5);
    // Those that came with the last micro-steps are void.
    const served = ofType(events, "request").map(({ id }) => id);
    expect(served).toEqual(ids.slice(0, served.length));
    expect(served.length).toBeGreaterThanOrEqual(askedBefore);
    expect(losses(events)).toEqual(await undisturbed(settings));
  });
});

describe("requestRun", () => {
  it("reaches the process that works on the run, from several views at once", async () => {
    const settings = { steps: 100_000, accum: 3 } as const;
    const { options } = tinyRun(settings);
    const ids: string[] = [];
    const events = [];
    for await (const event of train(options)) {
      events.push(event);
      if (event.type === "step" && event.step === 2) {
        for (let view = 0; view < 5; view++) ids.push(requestRun(options.out, "checkpoint"));
        ids.push(requestRun(options.out, "finish"));
      }
    }
    expect(ofType(events, "request").map(({ id }) => id)).toEqual(ids);
    const [done] = ofType(events, "done");
    expect(done).toMatchObject({ reason: "interrupted" });
    expect(existsSync(join(options.out, "requests"))).toBe(false);
    expect(losses(events)).toEqual(await undisturbed({ ...settings, steps: done!.step }));
    expect(() => requestRun(options.out, "pause")).toThrow(
      expect.objectContaining({ code: "ERR_NOT_RUNNING" }),
    );
  });

  it("is not for the process that comes later, and served once", () => {
    const folder = temporaryFolder();
    const path = join(folder, "lock");
    const requests = join(folder, "requests");
    const first = RunLock.acquire(path);
    const id = requestRun(folder, "pause");
    const other = requestRun(folder, "checkpoint");
    const inbox = new RequestFolder(folder, first.owner);
    expect(inbox.take()).toEqual([
      { id, action: "pause" },
      { id: other, action: "checkpoint" },
    ]);
    expect(inbox.take()).toEqual([]);
    requestRun(folder, "finish");
    first.dispose();
    const second = RunLock.acquire(path);
    const later = new RequestFolder(folder, { ...second.owner, since: "later" });
    expect(later.take()).toEqual([]);
    expect(readdirSync(requests)).toEqual([]);
    second.dispose();
  });

  it("passes over what is no request", () => {
    const folder = temporaryFolder();
    const requests = join(folder, "requests");
    mkdirSync(requests);
    using lock = RunLock.acquire(join(folder, "lock"));
    const { pid, since } = lock.owner;
    const to = { pid, since };
    const texts = ["", "{", "null", "[]", '"pause"', '{"id":1,"action":"pause"}'];
    texts.push(JSON.stringify({ id: "a", action: "format-the-disk", to }));
    texts.push(JSON.stringify({ id: "b", action: "pause" }));
    for (const [index, text] of texts.entries())
      writeFileSync(join(requests, `${index}.json`), text);
    writeFileSync(
      join(requests, "half.json.partial"),
      JSON.stringify({ id: "c", action: "pause", to }),
    );
    mkdirSync(join(requests, "folder.json"));
    expect(new RequestFolder(folder, lock.owner).take()).toEqual([]);
  });
});

it("stamps and stores every event in the order in which it was told", async () => {
  const { options } = tinyRun();
  const before = Date.now();
  const events = await collect(train(options));
  const stored = readFileSync(join(options.out, "events.jsonl"), "utf8").trimEnd().split("\n");
  expect(stored.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(events)));
  const times = events.map(({ time }) => time!);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(before);
});
