import { describe, expect, test } from "vitest";
import { floatFromHalf, halfFromFloat, parse, print, verify } from "../../src/index.js";
import { finalRmsNorm } from "../../src/kernels/final-rms-norm.js";
import { rmsNormBwd } from "../../src/kernels/rms-norm-bwd.js";
import type { Chip } from "../../src/verify/diagnostic.js";
import { relativeError, runKernel, SMALL, tokenwiseDifferences, uniform } from "./fixtures.js";
import { rmsNorm } from "./reference.js";

const S = SMALL.seqLen;
const half = (x: Float64Array) => x.map((value) => floatFromHalf(halfFromFloat(value)));

describe.each([32, 48, 288, 768])("RMSNorm over %i channels", (dim) => {
  const config = { ...SMALL, dim };
  const single = { ...config, dtype: "fp32" } as const;
  const norm = half(uniform(dim, 0.5, 1).map((value) => 1 + value));
  const x = half(uniform(dim * S, 2, 2));
  const dxn = half(uniform(dim * S, 0.02, 3));
  const losses = (at: Float64Array) => {
    const xn = rmsNorm(at, norm, S, config.normEps);
    const sums = new Float64Array(S);
    for (let i = 0; i < xn.length; i++) sums[i % S]! += xn[i]! * dxn[i]!;
    return sums;
  };

  test("forward", () => {
    const expected = rmsNorm(x, norm, S, config.normEps);
    const exact = runKernel(finalRmsNorm(single), { x }, { norm }).xn;
    expect(relativeError(exact, expected)).toBeLessThan(1e-6);
    const rounded = runKernel(finalRmsNorm(config), { x }, { norm }, "fp16").xn;
    expect(relativeError(rounded, expected)).toBeLessThan(2e-3);
  });

  test("backward against finite differences", () => {
    const expected = tokenwiseDifferences(losses, x, S);
    const exact = runKernel(rmsNormBwd(single), { dxn, x }, { norm }).dx;
    expect(relativeError(exact, expected)).toBeLessThan(1e-6);
    const rounded = runKernel(rmsNormBwd(config), { dxn, x }, { norm }, "fp16").dx;
    expect(relativeError(rounded, expected)).toBeLessThan(2e-3);
  });

  test.each([
    ["small x", 0.1, 0.02],
    ["large x", 100, 0.02],
    ["small gradients", 2, 1e-3],
    ["large gradients", 2, 500],
  ])("backward in fp16: %s", (_, sizeOfX, sizeOfGradient) => {
    const inputs = {
      x: half(uniform(dim * S, sizeOfX, 4)),
      dxn: half(uniform(dim * S, sizeOfGradient, 5)),
    };
    const expected = runKernel(rmsNormBwd(single), inputs, { norm }).dx;
    const actual = runKernel(rmsNormBwd(config), inputs, { norm }, "fp16").dx;
    expect(relativeError(actual, expected)).toBeLessThan(5e-3);
  });
});

describe.each([
  ["finalRmsNorm", finalRmsNorm],
  ["rmsNormBwd", rmsNormBwd],
] as const)("%s", (name, generate) => {
  test("keeps every rule on every chip", () => {
    const config = { ...SMALL, dim: 768, hiddenDim: 2048, seqLen: 256 };
    const newer: (Chip | undefined)[] = [undefined, "m3", "m4", "m5"];
    for (const chip of newer) {
      expect(verify(generate(config).program, chip ? { chip } : {})).toEqual([]);
    }
    for (const chip of ["m1", "m2"] as const) {
      expect(verify(generate({ ...config, opset: "ios16" }).program, { chip })).toEqual([]);
    }
  });

  test("text and back", () => {
    for (const dtype of ["fp16", "fp32"] as const) {
      const { program } = generate({ ...SMALL, dtype });
      expect(parse(print(program))).toEqual(program);
    }
  });

  test("golden text", async () => {
    await expect(print(generate(SMALL).program)).toMatchFileSnapshot(`../golden/${name}.mil`);
  });
});
