/** Processes that end in every way, and what the next one finds: no folder of theirs, and all folders of the living. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/index.js";
import { runChild, startChild } from "./support/child.js";
import { counters } from "./support/fake.js";
import { folders, ownerRecords, ownTemporary } from "./support/folders.js";
import { scale, valueThrough } from "./support/programs.js";

describe("a process that ends without disposing of anything", () => {
  const USE = ["open", "compile:3", "evaluate:2"];
  const ways: Readonly<
    Record<string, { steps: readonly string[]; code: number; stderr?: RegExp; exits?: true }>
  > = {
    "at the end of its program": { steps: USE, code: 0 },
    "after failures of every kind": { steps: [...USE, "failures:3"], code: 0 },
    "by process.exit": { steps: [...USE, "exit:3"], code: 3, exits: true },
    "by an uncaught error": {
      steps: [...USE, "throw", "pause"],
      code: 1,
      stderr: /uncaught, on purpose/,
    },
    "by process.exit while evaluations run": {
      steps: [...USE, "delay:200", "start:6", "running", "exit:4"],
      code: 4,
      exits: true,
    },
    "at the end of its program while evaluations run": {
      steps: [...USE, "delay:50", "start:6"],
      code: 0,
    },
  };

  for (const [name, { steps, code, stderr = /^$/, exits = false }] of Object.entries(ways)) {
    it(name, async () => {
      // Node's process.exit frees nothing that a JavaScript object owns: LeakSanitizer would say so.
      const sanitizer = exits ? { LSAN_OPTIONS: "detect_leaks=0" } : {};
      const env = ownTemporary();
      const ended = await runChild(steps, { ...env, ...sanitizer });
      expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null });
      expect(ended.stderr).toMatch(stderr);
      expect(folders(env.TEMP)).toEqual([]);
      expect(ownerRecords(env.TEMP)).toEqual([]);
    });
  }
});

describe("a process that is killed", () => {
  it("leaves folders that the next one removes when it opens the device", async () => {
    const env = ownTemporary();
    const { signal, lines } = await runChild(["open", "compile:3", "evaluate:1", "kill"], env);
    expect(signal).toBe("SIGKILL");
    expect(lines.at(-1)?.step).toBe("evaluate");
    expect(folders(env.TEMP)).toHaveLength(3);
    const next = await runChild(["open"], env);
    expect(next.code).toBe(0);
    expect(folders(env.TEMP)).toEqual([]);
    expect(ownerRecords(env.TEMP)).toEqual([]);
  });

  it("in the middle of an evaluation does the same, and the engine has its slots again", async () => {
    const env = ownTemporary();
    const killed = await runChild(
      ["open", "compile:2", "hold:2", "start:2", "running", "kill"],
      env,
    );
    expect(killed.signal).toBe("SIGKILL");
    const next = await runChild(["open", "compile:2", "evaluate:1", "dispose", "counters"], env);
    expect(next.lines.find(({ step }) => step === "evaluate")?.result).toEqual([0x3c00, 0x4000]);
    expect(next.lines.at(-1)?.result).toMatchObject({ models: 0, loadedModels: 0, violations: [] });
    expect(folders(env.TEMP)).toEqual([]);
  });

  it("never costs a living process its folders", async () => {
    const env = ownTemporary();
    const living = startChild(["open", "compile:2", "pause", "evaluate:1", "dispose"], env);
    await living.done("compile");
    const killed = await runChild(["open", "compile:3", "kill"], env);
    expect(killed).toMatchObject({ signal: "SIGKILL", lines: [{}, { result: 3 }] });
    // Two of the three folders are shared with the living process.
    expect(folders(env.TEMP)).toHaveLength(3);
    await runChild(["open"], env);
    expect(folders(env.TEMP)).toHaveLength(2);
    living.resume();
    const { code, stderr, lines } = await living.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines.find(({ step }) => step === "evaluate")?.result).toEqual([0x3c00, 0x4000]);
    expect(folders(env.TEMP)).toEqual([]);
    expect(ownerRecords(env.TEMP)).toEqual([]);
  });

  it("and its number taken by another process is still found", async () => {
    const env = ownTemporary();
    const name = [..."ABC"].map((letter) => letter.repeat(64)).join("_");
    mkdirSync(join(env.TEMP, name, "weights"), { recursive: true });
    writeFileSync(join(env.TEMP, name, "model.mil"), "left behind");
    mkdirSync(join(env.TEMP, "ane-runtime"), { recursive: true });
    // No process has so large a number.
    writeFileSync(join(env.TEMP, "ane-runtime", `${name}.4194399`), "");
    mkdirSync(join(env.TEMP, "not-ours"));
    await runChild(["open"], env);
    expect(readdirSync(env.TEMP)).toContain("not-ours");
    expect(folders(env.TEMP)).toEqual([]);
    expect(ownerRecords(env.TEMP)).toEqual([]);
  });
});

describe("two processes at once", () => {
  it("with the same programs do not disturb each other", async () => {
    const env = ownTemporary();
    const steps = [
      "open",
      ...Array.from({ length: 4 }, () => ["compile:3", "evaluate:3"]).flat(),
      "dispose",
      "counters",
    ];
    const both = await Promise.all([runChild(steps, env), runChild(steps, env)]);
    for (const { code, stderr, lines } of both) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(lines.at(-1)?.result).toMatchObject({ models: 0, loadedModels: 0, violations: [] });
    }
    expect(folders(env.TEMP)).toEqual([]);
  });

  it("have budgets of their own", async () => {
    const settings = { ...ownTemporary(), FAKE_ANE: "compileBudget=3" };
    const both = await Promise.all(
      [1, 2].map((i) =>
        runChild(["open", "compile:3", "dispose"], { ...settings, FAKE_ANE_CACHE: `budget-${i}` }),
      ),
    );
    for (const { lines } of both)
      expect(lines.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });
});

it("a program that another process compiled comes from the cache", async () => {
  await runChild(["open", "compile:1", "dispose"]);
  using device = openDevice("ane");
  const compiles = counters().compiles;
  using kernel = device.compile(scale(1));
  expect(valueThrough(device, kernel, 5)).toBe(5);
  expect(counters().compiles).toBe(compiles);
  expect(device.budget.used).toBe(0);
});
