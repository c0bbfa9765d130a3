/** No room, or no right, to write: at whichever write it shows, what is there stays whole and the run goes on when it is mended. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EventLog } from "../src/event-log.js";
import { type EvaluationEvent, OptionError, TrainerError, trainInProcess } from "../src/index.js";
import { newestSections, readSections } from "./support/section-digests.js";
import { CANNOT_MOUNT, SmallDisk } from "./support/small-disk.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, tinyRun } from "./support/tiny-run.js";

const settings = { steps: 6, accum: 2, saveEvery: 2, evalEvery: 3, evalWindows: 1 } as const;

/** Some more than the run needs in all. */
const ENOUGH_KB = 2048;

/** A page more each time where the small files are written, then a part of a checkpoint. */
const sizes = [
  ...Array.from({ length: 5 }, (_, i) => 4 * (i + 1)),
  60,
  150,
  260,
  400,
  530,
  620,
  800,
];

it("a disk that is full is said, at every write, and loses nothing", async ({ skip }) => {
  const { folder, options } = tinyRun(settings);
  const given = { ...options, validation: options.data };
  await collect(trainInProcess({ ...given, out: join(folder, "undisturbed") }));
  const undisturbed = newestSections(join(folder, "undisturbed"));
  const disk = SmallDisk.mount(join(folder, "disk"), ENOUGH_KB) ?? skip(CANNOT_MOUNT);
  const out = join(disk.path, "run");
  const failures = new Set<unknown>();
  for (const kilobytes of sizes) {
    disk.remount(`size=${kilobytes}k`);
    const failure = await collect(trainInProcess({ ...given, out })).catch((error) => error);
    if (failure instanceof TrainerError) {
      failures.add(failure.code);
      expect(failure.message).toMatch(/ENOSPC.*(resume the run|[Mm]ake disk space free)/s);
    } else expect(failure.at(-1).type).toBe("done");
    expectWhole(out);
    disk.remount(`size=${ENOUGH_KB}k`);
    const begun = existsSync(join(out, "config.json"));
    await collect(trainInProcess(begun ? { resume: out } : { ...given, out }));
    expect(newestSections(out)).toEqual(undisturbed);
    rmSync(out, { recursive: true });
  }
  expect([...failures].sort()).toEqual(["ERR_CHECKPOINT", "ERR_EVENT_LOG", "ERR_OPTION"]);
});

/** Nothing half-written under a final name, nothing left of what could not be written. */
function expectWhole(run: string): void {
  const names = existsSync(run) ? (readdirSync(run, { recursive: true }) as string[]) : [];
  for (const name of names) {
    expect(name).toMatch(/^(config\.json|events\.jsonl|checkpoints(\/(best|step-\d+)\.ckpt)?)$/);
    if (name.endsWith(".ckpt")) readSections(join(run, name));
  }
  if (names.includes("config.json")) JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
  if (!names.includes("events.jsonl")) return;
  const lines = readFileSync(join(run, "events.jsonl"), "utf8").split("\n");
  expect(lines.pop()).toBe("");
  for (const line of lines) JSON.parse(line);
}

it("a log on a full disk has whole lines alone, and no gap", ({ skip }) => {
  const disk = SmallDisk.mount(temporaryFolder(), 8) ?? skip(CANNOT_MOUNT);
  const path = join(disk.path, "events.jsonl");
  const event: EvaluationEvent = {
    type: "evaluation",
    step: 4,
    meanNll: 1.5,
    windows: 2,
    data: "00",
    ms: 3,
  };
  using log = new EventLog(path);
  while (!log.failure) log.append(event);
  expect(log.failure).toMatchObject({ code: "ERR_EVENT_LOG" });
  const line = `${JSON.stringify(event)}\n`;
  const { size } = statSync(path);
  expect(size).toBeGreaterThan(8192 - line.length);
  expect(readFileSync(path, "utf8")).toBe(line.repeat(size / line.length));
  disk.remount("size=100k");
  log.append(event);
  expect(statSync(path).size).toBe(size);
});

it("a folder that cannot be written to is refused before any work, by the option's name", async ({
  skip,
}) => {
  const { folder, options } = tinyRun({ steps: 2 });
  const disk = SmallDisk.mount(join(folder, "disk"), ENOUGH_KB) ?? skip(CANNOT_MOUNT);
  const out = join(disk.path, "run");
  await collect(trainInProcess({ ...options, out }));
  disk.remount("ro");
  for (const [option, given] of [
    ["resume", { resume: out, steps: 4 }],
    ["out", { ...options, out: join(disk.path, "other") }],
  ] as const) {
    const refused = collect(trainInProcess(given));
    await expect(refused).rejects.toThrow(OptionError);
    // Node's recursive mkdir calls a read-only file system ENOENT.
    const rule = `^${option}: must be a folder that can be written to, got (EROFS|ENOENT)`;
    await expect(refused).rejects.toThrow(new RegExp(rule));
  }
  writeFileSync(join(folder, "file"), "");
  const inFile = collect(trainInProcess({ ...options, out: join(folder, "file", "run") }));
  await expect(inFile).rejects.toThrow(
    /^out: must be a folder that can be written to, got ENOTDIR/,
  );
});
