/** Slots of surfaces: written, read, copied and seen as matrices. */
import { gemm } from "@ane/accel-ops";
import type { Slot } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import {
  copySlot,
  DisposedError,
  openDevice,
  readSlot,
  ShapeError,
  slotMatrix,
  writeSlot,
} from "../src/index.js";
import { normalHalves } from "../src/selftest/numbers.js";
import { contents, fill } from "./support/run.js";

function channels(start: number, size: number, width: number): Slot {
  return { port: "x", axis: "channel", start, size, shape: [1, size, 1, width] };
}

function columns(start: number, size: number, height: number): Slot {
  return { port: "x", axis: "spatial", start, size, shape: [1, height, 1, size] };
}

describe("slots", () => {
  const device = openDevice("cpu");
  for (const dtype of ["fp16", "fp32"] as const) {
    for (const width of [32, 20]) {
      it(`${dtype}, width ${width}: a channel slot keeps what is written, and its neighbours`, () => {
        const surface = device.createSurface({ dtype, shape: [1, 10, 1, width] });
        const before = normalHalves(10 * width, 1);
        fill(surface, before);
        const values = normalHalves(3 * width, 2);
        const slot = channels(4, 3, width);
        writeSlot(surface, slot, values);
        const back = new Float32Array(3 * width);
        readSlot(surface, slot, back);
        expect(back).toEqual(values);
        const expected = Float64Array.from(before);
        expected.set(values, 4 * width);
        expect(contents(surface)).toEqual(expected);
      });

      it(`${dtype}, width ${width}: a column slot keeps what is written, and its neighbours`, () => {
        const surface = device.createSurface({ dtype, shape: [1, 10, 1, width] });
        const before = normalHalves(10 * width, 3);
        fill(surface, before);
        const slot = columns(5, 7, 10);
        const values = normalHalves(70, 4);
        writeSlot(surface, slot, values);
        const back = new Float32Array(70);
        readSlot(surface, slot, back);
        expect(back).toEqual(values);
        const expected = Float64Array.from(before);
        for (let row = 0; row < 10; row++) {
          expected.set(values.subarray(row * 7, row * 7 + 7), row * width + 5);
        }
        expect(contents(surface)).toEqual(expected);
      });
    }
  }

  it("a slot of some channels and some columns keeps what is written, and its neighbours", () => {
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 10, 1, 64] });
    const before = normalHalves(640, 5);
    fill(surface, before);
    const slot: Slot = { ...channels(4, 3, 24), column: 32 };
    const values = normalHalves(72, 6);
    writeSlot(surface, slot, values);
    const back = new Float32Array(72);
    readSlot(surface, slot, back);
    expect(back).toEqual(values);
    const expected = Float64Array.from(before);
    for (let row = 0; row < 3; row++) {
      expected.set(values.subarray(row * 24, row * 24 + 24), (row + 4) * 64 + 32);
    }
    expect(contents(surface)).toEqual(expected);
    expect(() => readSlot(surface, { ...slot, column: 41 }, back)).toThrow(
      /64 columns .*got 41 to 65/,
    );
  });

  it("rounds to nearest even when it writes fp16", () => {
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 1, 1, 32] });
    const values = new Float32Array(32).fill(1 + 2 ** -11);
    values[1] = 1 + 3 * 2 ** -11;
    values[2] = 1e6;
    writeSlot(surface, channels(0, 1, 32), values);
    expect([...contents(surface)].slice(0, 3)).toEqual([1, 1 + 2 ** -9, Number.POSITIVE_INFINITY]);
  });

  it("copies between surfaces of different types and widths of rows", () => {
    for (const [from, to, width] of [
      ["fp16", "fp16", 32],
      ["fp16", "fp32", 32],
      ["fp32", "fp16", 20],
    ] as const) {
      const source = device.createSurface({ dtype: from, shape: [1, 6, 1, width] });
      const target = device.createSurface({ dtype: to, shape: [1, 9, 1, width] });
      const values = normalHalves(6 * width, 5);
      fill(source, values);
      copySlot(source, channels(1, 4, width), target, channels(5, 4, width));
      const expected = new Float64Array(9 * width);
      expected.set(values.subarray(width, 5 * width), 5 * width);
      expect(contents(target)).toEqual(expected);
    }
  });

  it("gives gemm a slot without copying it", () => {
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 5, 1, 20] });
    const values = normalHalves(100, 6);
    fill(surface, values);
    const gram = new Float32Array(4);
    surface.read((elements) => {
      const a = slotMatrix(elements, surface, channels(2, 2, 20));
      const b = { ...a, rowStride: a.columnStride, columnStride: a.rowStride };
      gemm({ m: 2, n: 2, k: 20, a, b, c: { data: gram, rowStride: 2, columnStride: 1 } });
    });
    const dot = (i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < 20; k++) sum += values[i * 20 + k]! * values[j * 20 + k]!;
      return sum;
    };
    [dot(2, 2), dot(2, 3), dot(3, 2), dot(3, 3)].forEach((expected, i) => {
      expect(gram[i]).toBeCloseTo(expected, 4);
    });
  });

  it("refuses arrays and slots that do not fit", () => {
    const surface = device.createSurface({ dtype: "fp16", shape: [1, 6, 1, 32] });
    const other = device.createSurface({ dtype: "fp16", shape: [1, 6, 1, 64] });
    const slot = channels(0, 2, 32);
    expect(() => writeSlot(surface, slot, new Float32Array(63))).toThrow(ShapeError);
    expect(() => readSlot(surface, slot, new Float32Array(65))).toThrow(
      /expected 64 elements .*got 65/,
    );
    expect(() => writeSlot(surface, channels(5, 2, 32), new Float32Array(64))).toThrow(
      /6 channels .*got 5 to 7/,
    );
    expect(() => readSlot(surface, columns(30, 4, 6), new Float32Array(24))).toThrow(
      /32 columns .*got 30 to 34/,
    );
    expect(() => copySlot(surface, slot, other, slot)).toThrow(ShapeError);
    surface.dispose();
    expect(() => writeSlot(surface, slot, new Float32Array(64))).toThrow(DisposedError);
  });
});
