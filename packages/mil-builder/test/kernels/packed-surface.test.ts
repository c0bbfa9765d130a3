import { describe, expect, test } from "vitest";
import type { DynamicKernel, Slot } from "../../src/index.js";
import { kernelDims } from "../../src/kernels/config.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import { packedSurface } from "../../src/kernels/dynamic/packed-surface.js";
import { CONFIGS, SMALL } from "./fixtures.js";

// D 48, F 64, H 6, KV 2, h 10, S 32: QD 60, KD 20, all different.
const config = CONFIGS["head dim other than dim / heads"]!;
const kernels = dynamicKernels(config);

const place = ({ start, size, column, shape }: Slot) => [start, size, column, shape[3]];
const places = (slots: Readonly<Record<string, Slot>>) =>
  Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, place(slot)]));
const stagedPlaces = ({ staged }: DynamicKernel) =>
  Object.fromEntries(
    Object.entries(staged).map(([name, { slot, transposed }]) => [
      name,
      [...place(slot), transposed],
    ]),
  );

describe("surfaces of the dynamic kernels: [first channel, channels, first column, columns]", () => {
  test("attention", () => {
    const { attnFwd, attnBwd } = kernels;
    expect(places(attnFwd.inputs)).toEqual({ xn: [0, 48, 0, 32] });
    expect(places(attnBwd.inputs)).toEqual({
      do: [48, 48, 0, 32],
      q: [96, 60, 0, 32],
      k: [156, 20, 0, 32],
      v: [176, 20, 0, 32],
    });
    const weights = {
      wq: [0, 60, 32, 48, false],
      wk: [60, 20, 32, 48, false],
      wv: [80, 20, 32, 48, false],
      wo: [100, 60, 32, 48, true],
    };
    for (const kernel of [attnFwd, attnBwd]) {
      expect(stagedPlaces(kernel)).toEqual(weights);
      expect(kernel.program.functions[0]!.inputs[0]!.type).toMatchObject({
        shape: [1, 196, 1, 96],
      });
    }
  });

  test("feed-forward", () => {
    const { ffnFwd, ffnBwd } = kernels;
    expect(places(ffnFwd.inputs)).toEqual({ xn: [0, 48, 0, 32] });
    expect(places(ffnBwd.inputs)).toEqual({
      dy: [48, 48, 0, 32],
      h1: [96, 64, 0, 32],
      h3: [160, 64, 0, 32],
    });
    const weights = {
      w1: [0, 64, 32, 48, false],
      w2: [64, 64, 32, 48, true],
      w3: [128, 64, 32, 48, false],
    };
    for (const kernel of [ffnFwd, ffnBwd]) {
      expect(stagedPlaces(kernel)).toEqual(weights);
      expect(kernel.program.functions[0]!.inputs[0]!.type).toMatchObject({
        shape: [1, 224, 1, 96],
      });
    }
  });

  test("outputs follow each other on the channel axis", () => {
    const starts = Object.values(kernels).map(({ outputs }) =>
      Object.entries<Slot>(outputs).map(([name, { start, size }]) => [name, start, size]),
    );
    expect(starts).toEqual([
      [
        ["o", 0, 48],
        ["q", 48, 60],
        ["k", 108, 20],
        ["v", 128, 20],
        ["a", 148, 60],
      ],
      [
        ["y", 0, 48],
        ["h1", 48, 64],
        ["h3", 112, 64],
        ["gate", 176, 64],
      ],
      [
        ["dx", 0, 48],
        ["dh1", 48, 64],
        ["dh3", 112, 64],
      ],
      [
        ["dx", 0, 48],
        ["dq", 48, 60],
        ["dk", 108, 20],
        ["dv", 128, 20],
      ],
    ]);
  });
});

test("a stack that would pass 16384 channels goes on beside itself", () => {
  const rows = { rows: 6000, transposed: false };
  const surface = packedSurface(kernelDims(SMALL), { x: 32 }, { a: rows, b: rows, c: rows });
  expect(surface.shape).toEqual([1, 12000, 1, 96]);
  expect(Object.values(surface.weights).map(({ slot }) => place(slot))).toEqual([
    [0, 6000, 32, 32],
    [6000, 6000, 32, 32],
    [0, 6000, 64, 32],
  ]);
});

test("no weights are files", () => {
  for (const kernel of Object.values<DynamicKernel>({ ...kernels })) {
    expect(kernel.weights).toEqual({});
  }
});

test("query, key and value weights must lie one below the other", () => {
  expect(() => dynamicKernels({ ...SMALL, heads: 256, kvHeads: 256, headDim: 32 })).toThrow(
    "LlamaKernelConfig.heads: must give query, key and value at most 16384 channels together, got 24576",
  );
});
