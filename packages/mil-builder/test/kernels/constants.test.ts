import { describe, expect, test } from "vitest";
import { fromHalfArray, readBlobFile } from "../../src/index.js";
import { causalMask, fullMask } from "../../src/kernels/causal-mask.js";
import { kernelDims } from "../../src/kernels/config.js";
import type { ConstantBlob } from "../../src/kernels/constant-blob.js";
import { ropeConstants } from "../../src/kernels/rope.js";
import { SMALL } from "./fixtures.js";

const dims = kernelDims(SMALL);
const single = kernelDims({ ...SMALL, dtype: "fp32" });
const { S, H, h } = dims;

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
    const mask = elementsOf(fullMask(of));
    for (let query = 0; query < S; query++) {
      for (let key = 0; key < S; key++) {
        expect(mask[query * S + key]).toBe(key <= query ? 0 : masked);
      }
    }
  });

  test("of the second half of the queries: the last rows", () => {
    const mask = elementsOf(fullMask(dims));
    const last = elementsOf(causalMask("causal_mask_1", "fp16", S / 2, S));
    expect(last).toEqual(mask.subarray((S / 2) * S));
  });

  test("of the first half of the queries: it sees none of the second half's keys", () => {
    const first = elementsOf(causalMask("causal_mask_0", "fp16", 0, S / 2));
    expect(first).toEqual(elementsOf(fullMask({ ...dims, S: S / 2 })));
  });
});

describe("RoPE tables", () => {
  const constants = ropeConstants(single);
  const cos = elementsOf(constants.rope_cos);
  const sin = elementsOf(constants.rope_sin);

  test("the first pair of a head turns by one radian per position, the last by theta^(2/h − 1)", () => {
    const slowest = 10000 ** (2 / h - 1);
    for (const position of [0, 1, 31]) {
      for (const [pair, angle] of [
        [0, position],
        [h / 2 - 1, position * slowest],
      ] as const) {
        expect(cos[pair * S + position]).toBeCloseTo(Math.cos(angle), 7);
        expect(sin[pair * S + position]).toBeCloseTo(Math.sin(angle), 7);
      }
    }
  });

  test("every head has the rows of the first", () => {
    const rows = (h / 2) * S;
    expect(cos.length).toBe(H * rows);
    for (let head = 1; head < H; head++) {
      expect(cos.subarray(head * rows, (head + 1) * rows)).toEqual(cos.subarray(0, rows));
      expect(sin.subarray(head * rows, (head + 1) * rows)).toEqual(sin.subarray(0, rows));
    }
  });
});
