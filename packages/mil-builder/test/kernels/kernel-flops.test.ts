import { expect, test } from "vitest";
import { kernelFlops } from "../../src/kernels/kernel-flops.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { CONFIGS } from "./fixtures.js";

test("counts the multiply-adds of projections, attention and rotations", () => {
  const {
    dim: D,
    hiddenDim: F,
    heads: H,
    kvHeads: KV,
    headDim: h,
    seqLen: S,
  } = CONFIGS["head dim other than dim / heads"]!;
  const [QD, KD] = [H * h, KV * h];
  const projections = S * D * (QD + 2 * KD);
  const attention = H * S * S * h;
  const rotations = (H + KV) * S * h * h;
  const kernels = llamaKernels(CONFIGS["head dim other than dim / heads"]!);
  const counted = Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]) => [name, kernelFlops(kernel)]),
  );
  expect(counted).toEqual({
    fwdAttn: 2 * (projections + S * D * QD + 2 * attention + rotations),
    fwdFFN: 2 * 3 * S * D * F,
    ffnBwd: 2 * 3 * S * D * F,
    sdpaBwd1: 2 * (S * D * QD + 3 * attention),
    sdpaBwd2: 2 * (2 * attention + rotations),
    qkvBwd: 2 * projections,
  });
});
