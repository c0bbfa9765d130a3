import { expect, test } from "vitest";
import type { Kernel } from "../../src/index.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import { kernelFlops } from "../../src/kernels/kernel-flops.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { CONFIGS } from "./fixtures.js";

const config = CONFIGS["head dim other than dim / heads"]!;
const { dim: D, hiddenDim: F, heads: H, kvHeads: KV, headDim: h, seqLen: S } = config;
const [QD, KD] = [H * h, KV * h];
const projections = S * D * (QD + 2 * KD);
const attention = H * S * S * h;

const countedOf = (kernels: Readonly<Record<string, Kernel>>) =>
  Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, kernelFlops(kernel)]));

test("counts the multiply-adds of projections and attention", () => {
  expect(countedOf({ ...llamaKernels(config) })).toEqual({
    fwdAttn: 2 * (projections + S * D * QD + 2 * attention),
    fwdFFN: 2 * 3 * S * D * F,
    ffnBwd: 2 * 3 * S * D * F,
    sdpaBwd1: 2 * (S * D * QD + 3 * attention),
    sdpaBwd2: 2 * 2 * attention,
    qkvBwd: 2 * projections,
  });
});

test("the dynamic kernels leave out a quarter of the attention", () => {
  expect(countedOf({ ...dynamicKernels(config) })).toEqual({
    attnFwd: 2 * (projections + S * D * QD + 0.75 * 2 * attention),
    ffnFwd: 2 * 3 * S * D * F,
    ffnBwd: 2 * 3 * S * D * F,
    attnBwd: 2 * (projections + S * D * QD + 0.75 * 5 * attention),
  });
});
