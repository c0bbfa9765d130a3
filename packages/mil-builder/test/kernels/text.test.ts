import { describe, expect, test } from "vitest";
import { parse, print } from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { CONFIGS, SMALL } from "./fixtures.js";

describe.each(Object.entries(CONFIGS))("text of the kernels, %s", (_, config) => {
  for (const dtype of ["fp16", "fp32"] as const) {
    for (const [name, { program }] of Object.entries(llamaKernels({ ...config, dtype }))) {
      test(`parse is the inverse of print: ${name}, ${dtype}`, () => {
        expect(parse(print(program))).toEqual(program);
        const verbose = { ...program, version: "1.0" };
        expect(parse(print(program, { dialect: "1.0" }))).toEqual(verbose);
      });
    }
  }
});

// The texts are reviewed like code: `vitest -u` rewrites them, the diff is what a change does to the programs.
test.each(Object.entries(llamaKernels(SMALL)))("golden text of %s", async (name, { program }) => {
  await expect(print(program)).toMatchFileSnapshot(`../golden/${name}.mil`);
});
