/** What a process has only so much of: runs of the compiler, and slots of the engine. */
import { describe, expect, it } from "vitest";
import { BudgetError, CompileError, openDevice } from "../../src/index.js";
import { counters, set } from "./support/fake.js";
import { scale, valueThrough } from "./support/programs.js";

describe("compilations", () => {
  it("that the cache answers are not counted, however many", () => {
    using device = openDevice("ane");
    const used = device.budget.used;
    const compiles = counters().compiles!;
    for (let i = 0; i < 130; i++) {
      using kernel = device.compile(scale(301));
      expect(kernel.outputs).toHaveLength(1);
    }
    expect(device.budget.used).toBe(used + 1);
    expect(counters().compiles).toBe(compiles + 1);
  });

  it("are as many as the framework's: 119, and not one is asked for after them", () => {
    using device = openDevice("ane");
    expect(device.budget.limit).toBe(119);
    for (let i = device.budget.used; i < 119; i++) device.compile(scale(1000 + i)).dispose();
    const compiles = counters().compiles!;
    expect(compiles).toBe(119);
    expect(device.budget.remaining).toBe(0);
    expect(() => device.compile(scale(2000), undefined, { name: "one more" })).toThrow(BudgetError);
    expect(counters().compiles).toBe(compiles);
    // What is in the cache can still be had.
    using kernel = device.compile(scale(1050));
    expect(valueThrough(device, kernel, 2)).toBe(2100);
    expect(device.budget.used).toBe(119);
  });

  it("that the framework refuses beyond the budget are errors, not garbage", () => {
    using device = openDevice("ane", { compileBudget: 0 });
    expect(() => device.compile(scale(3000))).toThrow(CompileError);
    expect(() => device.compile(scale(3000))).toThrow(/ANECCompile\(\) FAILED/);
  });
});

describe("loaded kernels", () => {
  it("beyond the engine's slots are refused, and a slot that is given back can be had", () => {
    set("compileBudget", 0);
    set("loadedLimit", 5);
    using device = openDevice("ane", { compileBudget: 0 });
    const kernels = [1, 2, 3, 4, 5].map((factor) => device.compile(scale(factor)));
    expect(device.loadedKernels).toBe(5);
    expect(() => device.compile(scale(6))).toThrow(/load: .*no slot is free[\s\S]*5 are loaded/);
    expect(device.loadedKernels).toBe(5);
    kernels[2]!.dispose();
    using kernel = device.compile(scale(6));
    expect(valueThrough(device, kernel, 1)).toBe(6);
  });
});
