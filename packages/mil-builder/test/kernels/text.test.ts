import { describe, expect, test } from "vitest";
import { parse, print } from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { CONFIGS, SMALL } from "./fixtures.js";

const allKernels = (config: LlamaKernelConfig) =>
  [...Object.values(llamaKernels(config)), ...Object.values(dynamicKernels(config))].map(
    ({ name, program }) => [name, program] as const,
  );

describe.each(Object.entries(CONFIGS))("text of the kernels, %s", (_, config) => {
  for (const dtype of ["fp16", "fp32"] as const) {
    for (const [name, program] of allKernels({ ...config, dtype })) {
      test(`parse is the inverse of print: ${name}, ${dtype}`, () => {
        expect(parse(print(program))).toEqual(program);
        const verbose = { ...program, version: "1.0" };
        expect(parse(print(program, { dialect: "1.0" }))).toEqual(verbose);
      });
    }
  }
});

// The texts are reviewed like code: `vitest -u` rewrites them, the diff is what a change does to the programs.
test.each(allKernels(SMALL))("golden text of %s", async (name, program) => {
  await expect(print(program)).toMatchFileSnapshot(`../golden/${name}.mil`);
});
