/** The Llama kernels of mil-builder with random weights and inputs. */
import {
  type DynamicKernel,
  type Kernel,
  type LlamaKernelConfig,
  staticTypeOf,
  toHalfArray,
  type WeightSlot,
  writeBlobFile,
} from "@ane/mil-builder";
import { normalHalves } from "../../src/selftest/numbers.js";
import { randomInputs, type Tensors } from "./run.js";

export const SMALL: LlamaKernelConfig = {
  dim: 48,
  hiddenDim: 80,
  heads: 3,
  kvHeads: 3,
  headDim: 16,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10000,
};

/** Six query heads on two KV heads, and heads that together are wider than the model. */
export const GROUPED: LlamaKernelConfig = { ...SMALL, dim: 64, heads: 6, kvHeads: 2, headDim: 16 };

export const STORIES_110M: LlamaKernelConfig = {
  dim: 768,
  hiddenDim: 2048,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  seqLen: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
};

/** All files that the kernel reads; matrices have entries of 1/sqrt(inputs), so that activations keep their size. */
export function randomWeights(
  kernel: Kernel,
  dtype: "fp16" | "fp32",
  seed: number,
): Map<string, Uint8Array> {
  const files = Object.values<WeightSlot>(kernel.weights).map(({ path, shape }, index) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const std = shape[0] === 1 ? 1 : 1 / Math.sqrt(shape[1]!);
    const values = normalHalves(count, seed + index, std);
    const data = dtype === "fp16" ? toHalfArray(values) : values;
    return [path, writeBlobFile([{ dtype, data }])] as const;
  });
  return new Map([...files, ...kernel.constants]);
}

/** A dynamic kernel's input: activations of size 1, matrices about as above, by powers of two that keep every half a half. */
export function stagedInputs({ program, staged }: DynamicKernel, seed: number): Tensors {
  const [, , , width] = staticTypeOf(program.functions[0]!.inputs[0]!).shape as number[];
  const x = Float32Array.from(randomInputs(program, seed).x!);
  for (const { slot, transposed } of Object.values(staged)) {
    const [, rows, , columns] = slot.shape;
    const size = 2 ** Math.round(-Math.log2(transposed ? rows : columns) / 2);
    for (let row = slot.start; row < slot.start + rows; row++) {
      const start = row * width! + slot.column!;
      for (let at = start; at < start + columns; at++) x[at]! *= size;
    }
  }
  return { x };
}
