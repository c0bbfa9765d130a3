/** Evaluation and compilation on the threads of libuv's pool. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DisposedError, EvaluationError, openDevice } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { callHeld, inject, living, release } from "./support/fake.js";
import { fillWith, scale, valueIn } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0 });

describe("evaluateAsync", () => {
  it("leaves the JavaScript thread free", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    fillWith(surfaces.x!, 4);
    inject("evaluateWithQoS", "hold", { times: 1 });
    let ended = false;
    const evaluation = kernel.evaluateAsync(surfaces).then(() => {
      ended = true;
    });
    await callHeld();
    expect(ended).toBe(false);
    release();
    await evaluation;
    expect(valueIn(surfaces.out!)).toBe(8);
  });

  it("runs evaluations of many kernels in the order in which they were asked for", async () => {
    using device = open();
    const kernels = [2, 3, 5, 7].map((factor) => device.compile(scale(factor)));
    const { x, out } = surfacesFor(device, kernels[0]!) as { x: never; out: never };
    const seen: number[] = [];
    fillWith(x, 1);
    const runs = Array.from({ length: 24 }, (_, i) =>
      kernels[i % 4]!.evaluateAsync({ x, out }).then(() => seen.push(valueIn(out))),
    );
    await Promise.all(runs);
    expect(seen).toHaveLength(24);
    expect(valueIn(out)).toBe(7);
  });

  it("of several devices and kernels at once gives every one its own result", async () => {
    const devices = [open(), open(), open(), open()];
    const work = devices.map((device, d) => {
      const kernel = device.compile(scale(d + 1));
      return { kernel, surfaces: surfacesFor(device, kernel) };
    });
    for (let round = 1; round <= 8; round++) {
      for (const { surfaces } of work) fillWith(surfaces.x!, round);
      await Promise.all(work.map(({ kernel, surfaces }) => kernel.evaluateAsync(surfaces)));
      expect(work.map(({ surfaces }) => valueIn(surfaces.out!))).toEqual(
        [1, 2, 3, 4].map((factor) => factor * round),
      );
    }
    for (const device of devices) device.dispose();
  });

  it("makes a synchronous access wait until the engine is done", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    fillWith(surfaces.x!, 3);
    inject("evaluateWithQoS", "hold", { times: 1 });
    const evaluation = kernel.evaluateAsync(surfaces);
    await callHeld();
    release(50);
    expect(valueIn(surfaces.out!)).toBe(6);
    fillWith(surfaces.x!, 1);
    await evaluation;
  });
});

describe("evaluations and accesses of the same surfaces", () => {
  it("take turns, however they fall", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    fillWith(surfaces.x!, 1);
    let running = true;
    const evaluations = Promise.all(
      Array.from({ length: 40 }, () => kernel.evaluateAsync(surfaces)),
    ).finally(() => {
      running = false;
    });
    let accesses = 0;
    while (running) {
      expect([0, 2]).toContain(valueIn(surfaces.out!));
      fillWith(surfaces.x!, 1);
      accesses++;
      await setImmediate();
    }
    await evaluations;
    expect(accesses).toBeGreaterThan(0);
    expect(valueIn(surfaces.out!)).toBe(2);
  });
});

describe("disposing while the engine works", () => {
  it("of the kernel waits for it", async () => {
    using device = open();
    const kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    inject("evaluateWithQoS", "hold", { times: 1 });
    const evaluation = kernel.evaluateAsync(surfaces);
    await callHeld();
    release(50);
    kernel.dispose();
    await evaluation;
    await expect(kernel.evaluateAsync(surfaces)).rejects.toThrow(DisposedError);
  });

  it("of its surfaces leaves them to it", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    inject("evaluateWithQoS", "hold", { times: 1 });
    const evaluation = kernel.evaluateAsync(surfaces);
    await callHeld();
    surfaces.x!.dispose();
    surfaces.out!.dispose();
    expect(living().runningEvaluations).toBe(1);
    release();
    await evaluation;
    await expect(kernel.evaluateAsync(surfaces)).rejects.toThrow(DisposedError);
  });

  it("of the device ends with nothing left", async () => {
    const device = open();
    const kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    inject("evaluateWithQoS", "hold", { times: 1 });
    const evaluations = [1, 2, 3].map(() => kernel.evaluateAsync(surfaces));
    await callHeld();
    release(50);
    device.dispose();
    const results = await Promise.allSettled(evaluations);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  });
});

describe("an asynchronous failure", () => {
  it("rejects, and later evaluations run", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const surfaces = surfacesFor(device, kernel);
    inject("evaluateWithQoS", "error", { code: 0x1d, times: 1 });
    inject("evaluateWithQoS", "throw", { skip: 0, times: 1 });
    const results = await Promise.allSettled([1, 2, 3].map(() => kernel.evaluateAsync(surfaces)));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    for (const result of results.slice(0, 2)) {
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(EvaluationError);
    }
  });

  it("of a compilation leaves nothing", async () => {
    using device = open();
    inject("compileWithQoS", "throw", { times: 1 });
    await expect(device.compileAsync(scale(9))).rejects.toThrow(
      /compile: .*FakeFrameworkException/,
    );
    expect(living()).toEqual({});
    using kernel = await device.compileAsync(scale(9));
    kernel.evaluate(surfacesFor(device, kernel));
  });

  it("of a device that is disposed of meanwhile leaves nothing", async () => {
    const device = open();
    inject("compileWithQoS", "hold", { times: 1 });
    const compilation = device.compileAsync(scale(10));
    await callHeld();
    device.dispose();
    release();
    await expect(compilation).rejects.toThrow(DisposedError);
    expect(living()).toEqual({});
  });
});
