/** The passes on programs that are in use: our kernels, and programs of another project. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  encodeBlob,
  interpret,
  type Kernel,
  type Program,
  parse,
  runPasses,
  tensorTypeOf,
  verify,
  writeBlobFile,
} from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { softmaxVocab } from "../../src/kernels/softmax-vocab.js";
import { externalData } from "../fixtures.js";
import { CONFIGS, SMALL, uniform } from "../kernels/fixtures.js";

/** Weight files of random numbers for every blob of a program, but for those that are given. */
function filesFor(
  program: Program,
  given: ReadonlyMap<string, Uint8Array>,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { attributes } of program.functions.flatMap(({ operations }) => operations)) {
    for (const constant of Object.values(attributes)) {
      if (constant.kind !== "blob") continue;
      const { type, path, offset } = constant;
      expect(offset).toBe(64);
      const count = type.shape.reduce((a, b) => a * b, 1);
      files.set(path, writeBlobFile([encodeBlob(type.dtype, uniform(count, 0.3, path.length))]));
    }
  }
  return new Map([...files, ...given]);
}

function outputsOf(program: Program, weights: ReadonlyMap<string, Uint8Array>) {
  const inputs = program.functions[0]!.inputs.map((value, seed) => {
    const type = tensorTypeOf(value);
    const count = type.shape.reduce((a, b) => a * b, 1);
    return [value.name, { type, data: uniform(count, 1, seed + 1) }] as const;
  });
  return interpret(program, Object.fromEntries(inputs), { weights, numerics: "fp16" });
}

function expectKept(program: Program, given: ReadonlyMap<string, Uint8Array> = new Map()): Program {
  const passed = runPasses(program);
  const files = filesFor(program, given);
  expect(outputsOf(passed, files)).toEqual(outputsOf(program, files));
  return passed;
}

const kernels: Readonly<Record<string, Kernel>> = {
  ...llamaKernels(CONFIGS["two query heads per KV head"]!),
  softmaxVocab: softmaxVocab({ ...SMALL, vocabSize: 96, chunkSize: 32 }),
};

test.each(Object.entries(kernels))("%s computes the same and keeps every rule", (_, kernel) => {
  const passed = expectKept(kernel.program, kernel.constants);
  expect(verify(passed)).toEqual([]);
  const count = ({ functions }: Program) => functions[0]!.operations.length;
  expect(count(passed)).toBeLessThanOrEqual(count(kernel.program));
});

const directory = externalData("mil", "programs");

describe.skipIf(directory === undefined)("programs of another project", () => {
  const names =
    directory === undefined ? [] : readdirSync(directory).filter((file) => file.endsWith(".mil"));
  test.each(names)("%s computes the same", (name) => {
    expectKept(parse(readFileSync(join(directory!, name), "utf8")));
  });
});
