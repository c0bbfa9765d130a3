/** Classifier and softmax over the vocabulary, in one chunk and in two. */
import { describe, expect, test } from "vitest";
import {
  floatFromHalf,
  halfFromFloat,
  type Kernel,
  KernelConfigError,
  kernelFlops,
  parse,
  print,
  verify,
} from "../../src/index.js";
import { classifierBwd } from "../../src/kernels/classifier-bwd.js";
import { classifierFwd } from "../../src/kernels/classifier-fwd.js";
import { softmaxVocab } from "../../src/kernels/softmax-vocab.js";
import type { VocabularyKernelConfig } from "../../src/kernels/vocabulary.js";
import type { Chip } from "../../src/verify/diagnostic.js";
import {
  namesOf,
  relativeError,
  runKernel,
  SMALL,
  tokenwiseDifferences,
  uniform,
} from "./fixtures.js";
import { project } from "./reference.js";

const half = (x: Float64Array) => x.map((value) => floatFromHalf(halfFromFloat(value)));

const CONFIGS: Readonly<Record<string, VocabularyKernelConfig>> = {
  "one chunk": { ...SMALL, vocabSize: 96 },
  "two chunks that differ": { ...SMALL, dim: 8, vocabSize: 97, chunkSize: 50 },
  "many chunks": { ...SMALL, dim: 8, vocabSize: 32000 },
};
const S = SMALL.seqLen;

/** Rows of a matrix by the weights of a kernel, which hold it in chunks. */
function rowsOf<W extends string>(
  kernel: Kernel<string, string, W>,
  matrix: Float64Array,
  D: number,
) {
  const entries = namesOf(kernel.weights).map((name) => {
    const { firstRow = 0, shape } = kernel.weights[name];
    const rows = shape.reduce((a, b) => a * b) / D;
    return [name, matrix.subarray(firstRow * D, (firstRow + rows) * D)] as const;
  });
  return Object.fromEntries(entries) as Record<W, Float64Array>;
}

/** Channels of a tensor by slots that follow one another. */
function cut<N extends string>(slots: Readonly<Record<N, { size: number }>>, all: Float64Array) {
  let start = 0;
  const entries = namesOf(slots).map((name) => {
    const end = start + slots[name].size * S;
    const part = all.subarray(start, end);
    start = end;
    return [name, part] as const;
  });
  expect(start).toBe(all.length);
  return Object.fromEntries(entries) as Record<N, Float64Array>;
}

function joined(parts: Readonly<Record<string, Float64Array>>): Float64Array {
  return Float64Array.from(Object.values(parts).flatMap((part) => [...part]));
}

describe.each(Object.entries(CONFIGS))("%s", (_, config) => {
  const { dim: D, vocabSize: V } = config;
  const single = { ...config, dtype: "fp32" } as const;
  const matrix = half(uniform(V * D, Math.sqrt(3 / D), 1));
  const xn = half(uniform(D * S, 1.5, 2));
  const logits = project(matrix, xn, S);
  /** With the loss scale of the trainer, dlogits are of about this size. */
  const dlogits = half(uniform(V * S, 0.02, 3));

  /** Σ_v logits[v, s]·dlogits[v, s], whose gradient at xn the backward kernel computes. */
  const losses = (x: Float64Array) => {
    const of = project(matrix, x, S);
    const sums = new Float64Array(S);
    for (let i = 0; i < of.length; i++) sums[i % S]! += of[i]! * dlogits[i]!;
    return sums;
  };

  test("classifierFwd", () => {
    const run = (of: VocabularyKernelConfig, numerics: "float64" | "fp16") => {
      const kernel = classifierFwd(of);
      return joined(runKernel(kernel, { xn }, rowsOf(kernel, matrix, D), numerics));
    };
    expect(relativeError(run(single, "float64"), logits)).toBeLessThan(1e-6);
    expect(relativeError(run(config, "fp16"), logits)).toBeLessThan(6e-4);
  });

  test("classifierBwd against finite differences", () => {
    const run = (of: VocabularyKernelConfig, numerics: "float64" | "fp16") => {
      const kernel = classifierBwd(of);
      const inputs = cut(kernel.inputs, dlogits);
      return runKernel(kernel, inputs, rowsOf(kernel, matrix, D), numerics).dxn;
    };
    const expected = tokenwiseDifferences(losses, xn, S);
    expect(relativeError(run(single, "float64"), expected)).toBeLessThan(1e-6);
    expect(relativeError(run(config, "fp16"), expected)).toBeLessThan(1.5e-3);
  });

  test("softmaxVocab", () => {
    const scaled = half(logits.map((value) => 4 * value));
    const run = (of: VocabularyKernelConfig, numerics: "float64" | "fp16") => {
      const kernel = softmaxVocab(of);
      return joined(runKernel(kernel, cut(kernel.inputs, scaled), {}, numerics));
    };
    const expected = softmax(scaled);
    expect(relativeError(run(single, "float64"), expected)).toBeLessThan(1e-6);
    expect(relativeError(run(config, "fp16"), expected)).toBeLessThan(4e-3);
  });

  const kernels = (of: VocabularyKernelConfig): Kernel[] => [
    classifierFwd(of),
    classifierBwd(of),
    softmaxVocab(of),
  ];

  test("text and back, in both dialects and dtypes", () => {
    for (const dtype of ["fp16", "fp32"] as const) {
      for (const { program } of kernels({ ...config, dtype })) {
        expect(parse(print(program))).toEqual(program);
        const verbose = { ...program, version: "1.0" };
        expect(parse(print(program, { dialect: "1.0" }))).toEqual(verbose);
      }
    }
  });
});

/** Over the V words of each token. */
function softmax(logits: Float64Array): Float64Array {
  const probs = new Float64Array(logits.length);
  for (let s = 0; s < S; s++) {
    let largest = -Infinity;
    for (let i = s; i < logits.length; i += S) largest = Math.max(largest, logits[i]!);
    let sum = 0;
    for (let i = s; i < logits.length; i += S) sum += Math.exp(logits[i]! - largest);
    for (let i = s; i < logits.length; i += S) probs[i] = Math.exp(logits[i]! - largest) / sum;
  }
  return probs;
}

describe("the vocabulary of Llama 2", () => {
  const config = { ...SMALL, dim: 768, hiddenDim: 2048, seqLen: 256, vocabSize: 32000 };

  test("lies in 20 chunks of equal size, or in two if asked for", () => {
    const { outputs, weights } = classifierFwd(config);
    expect(Object.keys(outputs)).toHaveLength(20);
    expect(Object.keys(outputs)).toEqual(Object.keys(outputs).toSorted());
    expect(outputs.logits019).toEqual({
      port: "logits019",
      axis: "channel",
      start: 0,
      size: 1600,
      shape: [1, 1600, 1, 256],
    });
    expect(weights.classifier019).toEqual({
      path: "@model_path/weights/classifier019.bin",
      shape: [1600, 768, 1, 1],
      transposed: false,
      firstRow: 30400,
    });
    const backward = classifierBwd({ ...config, chunkSize: 16384 });
    expect(backward.weights.classifier001).toEqual({
      path: "@model_path/weights/classifier001.bin",
      shape: [768, 16000, 1, 1],
      transposed: true,
      firstRow: 16000,
    });
    expect(kernelFlops(classifierFwd(config))).toBe(2 * 32000 * 768 * 256);
    expect(kernelFlops(classifierBwd(config))).toBe(2 * 32000 * 768 * 256);
  });

  test.each([
    ["classifierFwd", classifierFwd],
    ["classifierBwd", classifierBwd],
    ["softmaxVocab", softmaxVocab],
  ] as const)("%s keeps every rule on every chip", (_, generate) => {
    const newer: (Chip | undefined)[] = [undefined, "m3", "m4", "m5"];
    for (const chip of newer) {
      expect(verify(generate(config).program, chip ? { chip } : {})).toEqual([]);
    }
    for (const chip of ["m1", "m2"] as const) {
      expect(verify(generate({ ...config, opset: "ios16" }).program, { chip })).toEqual([]);
    }
  });
});

test.each([
  [32000, 2048, 20, 1600, 1600], // the first multiple of 32 that divides
  [50257, 2048, 29, 1733, 1733], // 29 · 1733
  [32003, 2048, 16, 2016, 1763], // prime
  [100, 2048, 1, 100, 100],
])("%d words in chunks of at most %d", (vocabSize, chunkSize, count, size, last) => {
  const { outputs } = softmaxVocab({ ...SMALL, vocabSize, chunkSize });
  const sizes = Object.values(outputs).map((slot) => slot.size);
  expect([sizes.length, sizes[0], sizes.at(-1)]).toEqual([count, size, last]);
  expect(sizes.reduce((a, b) => a + b)).toBe(vocabSize);
});

test("equal logits: the sum stays below 32752 for any vocabulary", () => {
  const kernel = softmaxVocab({ ...SMALL, vocabSize: 40000 });
  const logits = cut(kernel.inputs, new Float64Array(40000 * S).fill(60000));
  const probs = joined(runKernel(kernel, logits, {}, "fp16"));
  const expected = floatFromHalf(halfFromFloat(1 / 40000));
  expect(Math.max(...probs.subarray(0, 64))).toBeCloseTo(expected, 6);
});

test.each([
  { vocabSize: 0 },
  { vocabSize: 1.5 },
  { vocabSize: 2048001 },
  { vocabSize: 100, chunkSize: 16385 },
  { vocabSize: 100, chunkSize: 0 },
])("refused by name: %o", (sizes) => {
  const action = () => classifierFwd({ ...SMALL, ...sizes });
  expect(action).toThrow(KernelConfigError);
  const field = Object.keys(sizes).at(-1)!;
  expect(action).toThrow(new RegExp(`${field}: must be an integer from 1 to \\d+, got`));
});

// The texts are reviewed like code: `vitest -u` rewrites them.
test.each([
  ["classifierFwd", classifierFwd],
  ["classifierBwd", classifierBwd],
  ["softmaxVocab", softmaxVocab],
] as const)("golden text of %s", async (name, generate) => {
  const { program } = generate(CONFIGS["two chunks that differ"]!);
  await expect(print(program)).toMatchFileSnapshot(`../golden/${name}.mil`);
});
