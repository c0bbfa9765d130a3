import { describe, expect, test } from "vitest";
import { parse, print } from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import type { Chip } from "../../src/verify/diagnostic.js";
import { verify } from "../../src/verify/verify.js";
import { CONFIGS } from "../kernels/fixtures.js";

/** The model that the kernels are for: dim 768, hidden 2048, 12 heads of 64, sequence 256. */
const STORIES110M = {
  dim: 768,
  hiddenDim: 2048,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  seqLen: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
};
const configs = { ...CONFIGS, Stories110M: STORIES110M };
const chips: (Chip | undefined)[] = [undefined, "m3", "m4", "m5"];

describe.each(Object.entries(configs))("the kernels keep every rule, %s", (_, config) => {
  test.each(Object.entries(llamaKernels(config)))("%s", (_name, { program }) => {
    for (const chip of chips) expect(verify(program, chip ? { chip } : {})).toEqual([]);
  });

  test.each(Object.entries(llamaKernels({ ...config, opset: "ios16" })))(
    "%s in dialect 1.0 with opset ios16, on the first chips",
    (_name, { program }) => {
      const printed = parse(print(program));
      expect(verify(printed, { chip: "m1" })).toEqual([]);
      expect(verify(printed, { chip: "m2" })).toEqual([]);
    },
  );

  test.each(Object.entries(llamaKernels(config)))(
    "%s printed in dialect 1.0, on m1: no error",
    (_name, { program }) => {
      const found = verify(parse(print(program, { dialect: "1.0" })), { chip: "m1" });
      expect(found.map(({ rule, severity }) => [rule, severity])).toEqual([
        ["old-opset", "warning"],
      ]);
    },
  );

  test.each(Object.entries(llamaKernels({ ...config, dtype: "fp32" })))(
    "%s in fp32: no error, and a warning for each conv and matmul",
    (_name, { program }) => {
      const found = verify(program);
      expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(["fp16-arithmetic"]));
      expect(found.every(({ severity }) => severity === "warning")).toBe(true);
    },
  );
});
