import { describe, expect, test } from "vitest";
import { fromHalfArray, readBlobFile } from "../../src/index.js";
import { causalMask } from "../../src/kernels/causal-mask.js";
import { kernelDims } from "../../src/kernels/config.js";
import type { ConstantBlob } from "../../src/kernels/constant-blob.js";
import { ropeConstants } from "../../src/kernels/rope.js";
import { SMALL } from "./fixtures.js";

const dims = kernelDims(SMALL);
const single = kernelDims({ ...SMALL, dtype: "fp32" });
const { S, h } = dims;

/** Elements of the only blob of a constant's file, which lies where programs look for it. */
function elementsOf({ file, type }: ConstantBlob): Float32Array {
  const [blob, ...others] = readBlobFile(file);
  expect(others).toEqual([]);
  expect(blob).toMatchObject({ dtype: type.dtype, offset: 64 });
  return type.dtype === "fp16"
    ? fromHalfArray(blob!.data as Uint16Array)
    : (blob!.data as Float32Array);
}

describe("causal mask", () => {
  test.each([
    ["fp16", dims, -65504],
    ["fp32", single, -(2 ** 100)],
  ])("%s: zero up to the diagonal, large and finite above", (_, of, masked) => {
    const mask = elementsOf(causalMask(of));
    for (let query = 0; query < S; query++) {
      for (let key = 0; key < S; key++) {
        expect(mask[query * S + key]).toBe(key <= query ? 0 : masked);
      }
    }
  });
});

describe("RoPE tables", () => {
  test("the first pair of a head turns by one radian per position, the last by theta^(2/h − 1)", () => {
    const constants = ropeConstants(single);
    const cos = elementsOf(constants.rope_cos);
    const sin = elementsOf(constants.rope_sin);
    const slowest = 10000 ** (2 / h - 1);
    for (const position of [0, 1, 31]) {
      const row = position * h;
      for (const [channel, angle] of [
        [0, position],
        [1, position],
        [h - 2, position * slowest],
        [h - 1, position * slowest],
      ] as const) {
        expect(cos[row + channel]).toBeCloseTo(Math.cos(angle), 7);
        expect(sin[row + channel]).toBeCloseTo(Math.sin(angle), 7);
      }
    }
  });

  test("the rotation matrix turns every pair by 90 degrees, so its square is −1", () => {
    const rotation = elementsOf(ropeConstants(dims).rope_rotation);
    for (let row = 0; row < h; row++) {
      for (let column = 0; column < h; column++) {
        let sum = 0;
        for (let i = 0; i < h; i++) sum += rotation[row * h + i]! * rotation[i * h + column]!;
        expect(sum).toBe(row === column ? -1 : 0);
      }
    }
    expect(rotation[1]).toBe(1); // (x·R)[1] = x[0]
  });
});
