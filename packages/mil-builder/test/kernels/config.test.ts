import { describe, expect, test } from "vitest";
import { KernelConfigError, kernelDims, type LlamaKernelConfig } from "../../src/kernels/config.js";
import { SMALL } from "./fixtures.js";

describe("kernelDims", () => {
  test("names the dims", () => {
    expect(kernelDims(SMALL)).toEqual({
      D: 32,
      F: 64,
      H: 4,
      KV: 2,
      h: 8,
      S: 32,
      QD: 32,
      KD: 16,
      normEps: 1e-5,
      ropeTheta: 10000,
      dtype: "fp16",
      opset: "ios18",
      qkNorm: false,
    });
  });

  test.each<[Partial<LlamaKernelConfig>, string, string]>([
    [{ dim: 0 }, "dim", "must be a positive integer, got 0"],
    [{ hiddenDim: 2.5 }, "hiddenDim", "must be a positive integer, got 2.5"],
    [{ heads: Number.NaN }, "heads", "must be a positive integer, got NaN"],
    [{ kvHeads: -1 }, "kvHeads", "must be a positive integer, got -1"],
    [{ kvHeads: 3 }, "kvHeads", "must divide heads = 4, got 3"],
    [{ headDim: 7 }, "headDim", "must be even, got 7"],
    [{ seqLen: 48 }, "seqLen", "must be a multiple of 32, got 48. Use 64"],
    [{ normEps: 0 }, "normEps", "must be in (0, 1), got 0"],
    [{ normEps: 1e-8 }, "normEps", "must not round to zero in fp16, got 1e-8"],
    [{ ropeTheta: Number.POSITIVE_INFINITY }, "ropeTheta", "must be positive and finite"],
    [{ dtype: "bf16" as "fp16" }, "dtype", 'must be "fp16" or "fp32", got bf16'],
  ])("%j breaks the rule of %s", (change, field, rule) => {
    const error = catchError(() => kernelDims({ ...SMALL, ...change }));
    expect(error).toBeInstanceOf(KernelConfigError);
    expect(error).toMatchObject({ field, code: "ERR_KERNEL_CONFIG" });
    expect((error as Error).message).toContain(`LlamaKernelConfig.${field}: ${rule}`);
  });

  test("a norm epsilon too small for fp16 is fine in fp32", () => {
    expect(kernelDims({ ...SMALL, normEps: 1e-8, dtype: "fp32" }).normEps).toBe(1e-8);
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
