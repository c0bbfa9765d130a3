/** A record read while it is written, torn, cut and exchanged. */
import {
  appendFileSync,
  chmodSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type FollowedBatch, followRun } from "../src/follow-run.js";
import { readEvents, readRun } from "../src/read-run.js";
import { lines, run, step, steps, temporaryFolder, writeRun } from "./support/run-files.js";

const pollMs = 2;

function follow(directory: string, from = 0) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const batches = followRun(directory, { signal: stop.signal, pollMs, from });
  const next = async (): Promise<FollowedBatch> => {
    const { value, done } = await batches.next();
    expect(done).toBe(false);
    return value as FollowedBatch;
  };
  return { next, batches, stop };
}

const stepsOf = ({ events }: FollowedBatch) =>
  events.flatMap((event) => ("step" in event ? [event.step] : []));

it("gives the history, then what comes", async () => {
  const directory = writeRun(temporaryFolder(), [run(), ...steps(1, 3)]);
  const path = join(directory, "events.jsonl");
  const { next, batches, stop } = follow(directory);
  const history = await next();
  expect(history.live).toBe(true);
  expect(history.events.map(({ type }) => type)).toEqual(["run", "step", "step", "step"]);
  appendFileSync(path, lines(steps(4, 5)));
  const news = await next();
  expect(stepsOf(news)).toEqual([4, 5]);
  const again = follow(directory, history.offset);
  expect(stepsOf(await again.next())).toEqual([4, 5]);
  const end = batches.next();
  stop.abort();
  expect((await end).done).toBe(true);
});

it("marks all but the last batch of a long history", async () => {
  const directory = writeRun(temporaryFolder(), [run(), ...steps(1, 6000)]);
  const { next } = follow(directory);
  const seen: number[] = [];
  const live: boolean[] = [];
  const shares: number[] = [];
  do {
    const batch = await next();
    seen.push(...stepsOf(batch));
    live.push(batch.live);
    shares.push(batch.offset / batch.size);
  } while (!live.at(-1));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect([shares[0]! < 1, shares.at(-1)]).toEqual([true, 1]);
  expect(live.length).toBeGreaterThan(1);
  expect(seen).toEqual(Array.from({ length: 6000 }, (_, index) => index + 1));
});

it("waits for the end of a torn line, also if another one takes its place", async () => {
  const directory = writeRun(temporaryFolder(), [run()]);
  const path = join(directory, "events.jsonl");
  const { next } = follow(directory);
  const { offset } = await next();
  const line = lines([step(1)]);
  appendFileSync(path, line.slice(0, 40));
  await setTimeout(5 * pollMs);
  appendFileSync(path, line.slice(40));
  expect(stepsOf(await next())).toEqual([1]);
  // The next process cuts a torn line off.
  appendFileSync(path, lines([step(2)]).slice(0, 90));
  await setTimeout(5 * pollMs);
  truncateSync(path, offset + line.length);
  appendFileSync(path, lines([run({ resumedFrom: 1 }), step(2)]));
  expect((await next()).events.map(({ type }) => type)).toEqual(["run", "step"]);
});

it("waits for a record that is not there yet", async () => {
  const directory = writeRun(temporaryFolder());
  const { next } = follow(directory);
  expect(await next()).toEqual({ events: [], offset: 0, size: 0, live: true });
  writeRun(directory, [run()]);
  expect((await next()).events).toHaveLength(1);
});

it("reads characters of several bytes, lines longer than a piece, and passes over damaged ones", async () => {
  const directory = writeRun(temporaryFolder(), [
    { type: "sample", step: 1, text: "ä🙂".repeat(400_000) },
  ]);
  appendFileSync(join(directory, "events.jsonl"), '{"type":"st\n\n[]\nnull\n7\n');
  writeRun(directory, [{ type: "later version" }, step(2)]);
  const events = [];
  for await (const event of readEvents(directory)) events.push(event);
  expect(events.map(({ type }) => type)).toEqual([
    "sample",
    ...Array.from({ length: 4 }, () => "unreadable"),
    "later version",
    "step",
  ]);
  expect(events[0]).toMatchObject({ text: "ä🙂".repeat(400_000) });
  expect((await readRun(directory)).state.step).toBe(2);
});

it.each([
  [
    "shorter",
    (path: string) => truncateSync(path, 10),
    /keeps the \d+ bytes that were read, got 10 bytes/,
  ],
  ["removed", (path: string) => rmSync(path), /stays the same file, got no file/],
  [
    "exchanged",
    (path: string) => {
      writeFileSync(`${path}.new`, lines([run(), ...steps(1, 9)]));
      renameSync(`${path}.new`, path);
    },
    /stays the same file, got another file/,
  ],
])("ends with an error where the record is %s", async (_how, change, message) => {
  const directory = writeRun(temporaryFolder(), [run(), step(1)]);
  const { next, batches } = follow(directory);
  await next();
  change(join(directory, "events.jsonl"));
  await expect(batches.next()).rejects.toThrow(message);
});

it("says what is missing", async () => {
  const folder = temporaryFolder();
  await expect(follow(join(folder, "none")).next()).rejects.toMatchObject({ code: "ERR_NO_RUN" });
  await expect(readRun(folder)).rejects.toThrow(
    /a run is a folder with a config.json, got none there/,
  );
  writeFileSync(join(folder, "config.json"), '{"version": 9}');
  await expect(readRun(folder)).rejects.toMatchObject({ code: "ERR_RUN_FILES" });
  writeFileSync(join(folder, "config.json"), "");
  await expect(readRun(folder)).rejects.toThrow(/got an empty file/);
});

it.skipIf(process.getuid?.() === 0)("says what cannot be read", async () => {
  const directory = writeRun(temporaryFolder(), [run()]);
  chmodSync(join(directory, "events.jsonl"), 0);
  await expect(readRun(directory)).rejects.toMatchObject({ code: "ERR_RUN_FILES" });
});
