/** Opening devices, the compile budget and the diagnostics of the cpu device. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Worker } from "node:worker_threads";
import { buildProgram, tensor } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import {
  BudgetError,
  type CompileMessage,
  type DeviceKind,
  type EvaluateMessage,
  openDevice,
  UnavailableError,
} from "../src/index.js";
import { surfacesFor } from "./support/run.js";

const mayHaveEngine = process.platform === "darwin" && process.arch === "arm64";

const PROGRAM = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 4, 1, 32]));
  return { out: f.mul({ x, y: 2 }) };
});

describe("openDevice", () => {
  it("opens the cpu device and says what it is", () => {
    using device = openDevice("cpu");
    expect(device.kind).toBe("cpu");
    expect(device.description).toMatch(/^cpu: \S+ \S+, \d+ threads?, \w+ gemm, numerics fp16$/);
  });

  it.skipIf(mayHaveEngine)(
    "refuses the engine where there is none, and says what is missing",
    () => {
      expect(() => openDevice("ane")).toThrow(UnavailableError);
      expect(() => openDevice("ane")).toThrow(`${process.platform}-${process.arch}`);
      expect(() => openDevice("ane")).toThrow(/needs Apple silicon/);
    },
  );

  it.skipIf(mayHaveEngine)("auto says which device it chose and why", () => {
    using device = openDevice("auto");
    expect(device.kind).toBe("cpu");
    expect(device.description).toMatch(/^cpu: .*chosen by "auto": .*Neural Engine/);
  });

  it("refuses unknown kinds and options", () => {
    expect(() => openDevice("gpu" as DeviceKind)).toThrow(
      /must be "ane", "cpu" or "auto", got "gpu"/,
    );
    expect(() => openDevice("cpu", { numerics: "bf16" as "fp16" })).toThrow(/got "bf16"/);
    expect(() => openDevice("cpu", { compileBudget: -1 })).toThrow(/compileBudget: .*got -1/);
  });
});

describe("the compile budget", () => {
  it("is 119 compilations of the process, whatever device they were on", () => {
    using first = openDevice("cpu");
    expect(first.budget.limit).toBe(119);
    const before = first.budget.used;
    using second = openDevice("cpu", { compileBudget: before + 3 });
    first.compile(PROGRAM).dispose();
    second.compile(PROGRAM).dispose();
    expect(first.budget.used).toBe(before + 2);
    expect(second.budget.remaining).toBe(1);
    second.compile(PROGRAM);
    expect(second.budget.remaining).toBe(0);
    expect(() => second.compile(PROGRAM, undefined, { name: "fourth" })).toThrow(BudgetError);
    expect(() => second.compile(PROGRAM, undefined, { name: "fourth" })).toThrow(
      `fourth: a process may compile ${before + 3} kernels, got ${before + 3} compiled already`,
    );
  });

  it("counts successes only", () => {
    using device = openDevice("cpu");
    const before = device.budget.used;
    expect(() => device.compile("nonsense")).toThrow();
    expect(device.budget.used).toBe(before);
  });

  it("0 is no limit", () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    for (let i = 0; i < 200; i++) device.compile(PROGRAM).dispose();
    expect(device.budget.used).toBeGreaterThanOrEqual(200);
    expect(device.budget.remaining).toBe(Number.POSITIVE_INFINITY);
  });

  it("is shared with worker threads", async () => {
    using device = openDevice("cpu", { compileBudget: 0 });
    const before = device.budget.used;
    const script = `
      const { getEnvironmentData, parentPort } = require("node:worker_threads");
      const counter = new Int32Array(getEnvironmentData("@ane/ane-runtime/compilations"));
      parentPort.postMessage(Atomics.add(counter, 0, 1));
    `;
    const seen = await new Promise((resolve, reject) => {
      const worker = new Worker(script, { eval: true });
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    expect(seen).toBe(before);
    expect(device.budget.used).toBe(before + 1);
  });
});

describe("diagnostics", () => {
  it("publishes compilations and evaluations, with their errors", () => {
    const compiled: CompileMessage[] = [];
    const evaluated: EvaluateMessage[] = [];
    const onCompile = (message: unknown) => compiled.push(message as CompileMessage);
    const onEvaluate = (message: unknown) => evaluated.push(message as EvaluateMessage);
    subscribe("ane:compile", onCompile);
    subscribe("ane:evaluate", onEvaluate);
    using device = openDevice("cpu", { compileBudget: 0 });
    const kernel = device.compile(PROGRAM, undefined, { name: "double" });
    device.compile(PROGRAM, undefined, { name: "again" });
    expect(() => device.compile("nonsense", undefined, { name: "broken" })).toThrow();
    kernel.evaluate(surfacesFor(device, kernel));
    expect(() => kernel.evaluate({})).toThrow();
    unsubscribe("ane:compile", onCompile);
    unsubscribe("ane:evaluate", onEvaluate);
    kernel.evaluate(surfacesFor(device, kernel));
    expect(
      compiled.map(({ kernel: name, shared, error }) => [name, shared, error instanceof Error]),
    ).toEqual([
      ["double", false, false],
      ["again", true, false],
      ["broken", false, true],
    ]);
    expect(evaluated.map(({ kernel: name, error }) => [name, error instanceof Error])).toEqual([
      ["double", false],
      ["double", true],
    ]);
    expect(evaluated[0]!.elapsedMs).toBeGreaterThan(0);
  });
});
