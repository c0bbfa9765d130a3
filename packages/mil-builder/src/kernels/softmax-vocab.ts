/**
 * Softmax over the vocabulary, which lies on the channel axis: p = exp(l − max l) / Σ exp(l − max l), maximum and sum over
 * all chunks of the vocabulary (see vocabulary.ts). One port of logits per chunk to one port of probabilities.
 *
 * Written with reductions rather than the op softmax: that sees only one chunk, and over channels it is reported to need a
 * power of two of them (Espresso). The exponentials are multiplied by the largest power of two s that keeps the sum below
 * 32752, where the engine's accumulator ends even if all logits are equal; s is 1 up to V = 32751. Probabilities below 6e-8
 * are 0 in fp16.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import { definePortKernel } from "./define-port-kernel.js";
import { chunkSlots, type VocabularyKernelConfig, vocabularyDims } from "./vocabulary.js";

const LARGEST_SUM = 32751;

/** Generates the softmax over the vocabulary. @throws KernelConfigError */
export function softmaxVocab(
  config: VocabularyKernelConfig,
): Kernel<`logits${number}`, `probs${number}`, never> {
  const dims = vocabularyDims(config);
  const { V, chunks } = dims;
  return definePortKernel(dims, {
    name: "softmaxVocab",
    inputs: chunkSlots("logits", dims),
    outputs: chunkSlots("probs", dims),
    weights: {},
    body: (f, logits) => {
      const largest = largestLogit(f, logits);
      const powers = logits.map((x) => exponential(f, f.sub({ x, y: largest }, "shifted"), V));
      const sum = powers
        .map((x) => f.reduce_sum({ x, axes: [1], keep_dims: true }, "chunk_sum"))
        .reduce((x, y) => f.add({ x, y }, "sum"));
      return Object.fromEntries(
        chunks.map(({ index }, chunk) => {
          const name = `probs${index}`;
          return [name, f.real_div({ x: powers[chunk]!, y: sum }, name)];
        }),
      );
    },
  });
}

/**
 * The maximum over all chunks and their channels: [1, 1, 1, S]. Chunks of equal size are first compared word by word: one
 * reduction instead of many, and not of a function input, which is reported rejected on M1 (imperatormk).
 */
function largestLogit(f: FunctionBuilder, logits: readonly Value[]): Value {
  const [first] = logits;
  const isFull = ({ type }: Value) => type.shape[1] === first!.type.shape[1];
  const full = logits.filter(isFull).reduce((x, y) => f.maximum({ x, y }, "word_max"));
  return [full, ...logits.filter((x) => !isFull(x))]
    .map((x) => f.reduce_max({ x, axes: [1], keep_dims: true }, "chunk_max"))
    .reduce((x, y) => f.maximum({ x, y }, "max"));
}

/** s·exp(x) with V·s ≤ LARGEST_SUM. */
function exponential(f: FunctionBuilder, x: Value, V: number): Value {
  let s = 1;
  while (V * s > LARGEST_SUM) s /= 2;
  const power = f.exp({ x }, "exp_shifted");
  return s === 1 ? power : f.mul({ x: power, y: s }, "exp_scaled");
}
