/** What lives when: kernels, surfaces, requests, folders; in any order of disposal, and without any. */
import { describe, expect, it } from "vitest";
import { type CompiledKernel, DisposedError, openDevice } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { collectGarbage, counters, living, set } from "./support/fake.js";
import { folders } from "./support/folders.js";
import { fillWith, scale, valueIn, valueThrough, WEIGHTED, weights } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0 });

describe("a kernel", () => {
  it("occupies the engine until it is disposed of", () => {
    using device = open();
    const kernel = device.compile(scale(2));
    expect(device.loadedKernels).toBe(1);
    expect(living()).toMatchObject({ models: 1, loadedModels: 1 });
    expect(folders()).toHaveLength(1);
    kernel.dispose();
    kernel.dispose();
    expect(device.loadedKernels).toBe(0);
    expect(living()).toEqual({});
    expect(folders()).toEqual([]);
  });

  it("has one request for each list of surfaces, and uses it again", () => {
    using device = open();
    using kernel = device.compile(scale(3));
    const layers = [1, 2, 3].map(() => surfacesFor(device, kernel));
    for (let round = 0; round < 3; round++) {
      for (const [layer, surfaces] of layers.entries()) {
        fillWith(surfaces.x!, layer + round);
        kernel.evaluate(surfaces);
        expect(valueIn(surfaces.out!)).toBe(3 * (layer + round));
      }
    }
    expect(living()).toMatchObject({ requests: 3, surfaces: 6, surfaceObjects: 6 });
  });

  it("gives up the requests of a surface that is disposed of", () => {
    using device = open();
    using kernel = device.compile(scale(4));
    const { x, out } = surfacesFor(device, kernel);
    const other = device.createSurface(kernel.inputs[0]!);
    kernel.evaluate({ x: x!, out: out! });
    kernel.evaluate({ x: other, out: out! });
    expect(living()).toMatchObject({ requests: 2, surfaces: 3 });
    other.dispose();
    expect(living()).toMatchObject({ requests: 1, surfaces: 2 });
    out!.dispose();
    expect(living()).toMatchObject({ models: 1, surfaces: 1 });
    expect(living().requests).toBeUndefined();
  });

  it("outlives nothing of its device", () => {
    const device = open();
    const kernels = [1, 2, 3].map((factor) => device.compile(scale(factor)));
    const surfaces = kernels.map((kernel) => surfacesFor(device, kernel));
    for (const [i, kernel] of kernels.entries()) kernel.evaluate(surfaces[i]!);
    device.dispose();
    expect(living()).toEqual({});
    expect(() => kernels[0]!.evaluate(surfaces[0]!)).toThrow(DisposedError);
  });
});

describe("views of a surface", () => {
  it("have no elements any more once it is disposed of", () => {
    using device = open();
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 2, 1, 32] });
    const view = surface.read((elements) => elements);
    expect(view).toHaveLength(64);
    surface.dispose();
    expect(view).toHaveLength(0);
  });

  it("end with the callback that disposes of it", () => {
    using device = open();
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 2, 1, 32] });
    const length = surface.write((elements) => {
      surface.dispose();
      elements[0] = 1;
      return elements.length;
    });
    expect(length).toBe(64);
    expect(living()).toEqual({});
  });

  it("may be nested, and a lock is given back when the callback throws", () => {
    using device = open();
    const surface = device.createSurface({ dtype: "fp32", shape: [1, 1, 1, 16] });
    surface.write((outer) => {
      outer[0] = 7;
      expect(surface.read((inner) => inner[0])).toBe(7);
      surface.write((inner) => {
        inner[0] = 8;
      });
      outer[1] = 9;
    });
    expect(() =>
      surface.write(() => {
        throw new Error("of the callback");
      }),
    ).toThrow("of the callback");
    expect(surface.read((elements) => [elements[0], elements[1]])).toEqual([8, 9]);
  });
});

describe("equal models", () => {
  const build = (device: ReturnType<typeof open>) => device.compile(WEIGHTED, weights(2));

  it("share a folder, and none takes it from another", () => {
    using device = open();
    const [first, second] = [build(device), build(device)];
    expect(folders()).toHaveLength(1);
    first.dispose();
    expect(valueThrough(device, second, 1)).toBe(8);
    const third = build(device);
    second.dispose();
    expect(valueThrough(device, third, 0.5)).toBe(4);
    third.dispose();
    expect(folders()).toEqual([]);
  });

  it("but for their weights do not", () => {
    using device = open();
    const kernels = [1, 2, 3].map((value) => device.compile(WEIGHTED, weights(value)));
    expect(folders()).toHaveLength(3);
    expect(kernels.map((kernel) => valueThrough(device, kernel, 1))).toEqual([4, 8, 12]);
  });
});

describe("nothing is left", () => {
  it("by 150 kernels, one after the other", () => {
    set("compileBudget", 0);
    using device = open();
    for (let i = 0; i < 150; i++) {
      using kernel = device.compile(scale(i % 40));
      expect(valueThrough(device, kernel, 2)).toBe(2 * (i % 40));
    }
    expect(living()).toEqual({});
    expect(folders()).toEqual([]);
  });

  it("by 60 kernels at once, disposed of in another order", () => {
    set("compileBudget", 0);
    using device = open();
    const kernels: CompiledKernel[] = [];
    for (let i = 0; i < 60; i++) kernels.push(device.compile(scale(100 + i)));
    expect(device.loadedKernels).toBe(60);
    for (let i = 0; i < 60; i++) kernels[(i * 37) % 60]!.dispose();
    expect(device.loadedKernels).toBe(0);
    expect(living()).toEqual({});
  });

  it("by kernels and surfaces that nobody disposes of", async () => {
    let device: ReturnType<typeof open> | undefined = open();
    const use = () => {
      const kernel = device!.compile(scale(5));
      kernel.evaluate(surfacesFor(device!, kernel));
    };
    use();
    expect(living()).toMatchObject({ models: 1, requests: 1, surfaces: 2 });
    device = undefined;
    await collectGarbage();
    expect(living()).toEqual({});
    expect(folders()).toEqual([]);
  });
});

it("no address is asked for without a lock", () => {
  using device = open();
  using kernel = device.compile(scale(6));
  valueThrough(device, kernel, 1);
  expect(counters().addressesWithoutLock).toBe(0);
});
