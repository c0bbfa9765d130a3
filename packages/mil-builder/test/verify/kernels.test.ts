import { describe, expect, test } from "vitest";
import { type Kernel, parse, print } from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import { llamaKernels as staticKernels } from "../../src/kernels/llama-kernels.js";
import type { Diagnostic, VerifyOptions } from "../../src/verify/diagnostic.js";
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
const machines: readonly VerifyOptions[] = [
  {},
  ...(["m3", "m4", "m5"] as const).flatMap((chip): VerifyOptions[] => [
    { chip },
    { chip, os: "macos15" },
    { chip, os: "macos26" },
  ]),
];
const firstMachines = (["m1", "m2"] as const).flatMap((chip): VerifyOptions[] => [
  { chip },
  ...(["macos13", "macos14", "macos15", "macos26"] as const).map((os) => ({ chip, os })),
]);

const llamaKernels = (config: LlamaKernelConfig): Record<string, Kernel> =>
  Object.fromEntries(
    [staticKernels, dynamicKernels].flatMap((generate) =>
      Object.values<Kernel>({ ...generate(config) }).map((kernel) => [kernel.name, kernel]),
    ),
  );

/** Of the configurations, the small ones have fewer channels than M1 is reported to convolve at once. */
function withoutSmallConvolutions(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return found.filter(({ rule }) => rule !== "conv-channels-m1");
}

describe.each(Object.entries(configs))("the kernels keep every rule, %s", (_, config) => {
  test.each(Object.entries(llamaKernels(config)))("%s", (_name, { program }) => {
    for (const machine of machines) expect(verify(program, machine)).toEqual([]);
  });

  test.each(Object.entries(llamaKernels({ ...config, opset: "ios16" })))(
    "%s in dialect 1.0 with opset ios16, on the first chips",
    (_name, { program }) => {
      const printed = parse(print(program));
      for (const machine of firstMachines) {
        const found = verify(printed, machine);
        expect(config === STORIES110M ? found : withoutSmallConvolutions(found)).toEqual([]);
      }
    },
  );

  test.each(Object.entries(llamaKernels(config)))(
    "%s printed in dialect 1.0, on m1: no error",
    (_name, { program }) => {
      const printed = parse(print(program, { dialect: "1.0" }));
      const found = withoutSmallConvolutions(verify(printed, { chip: "m1" }));
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
