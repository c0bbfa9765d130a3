/** Small configurations, seeded data, and evaluation of kernels slot by slot. */
import type { DynamicKernel, Kernel, Numerics, Slot, Tensor } from "../../src/index.js";
import { encodeBlob, interpret, tensorTypeOf, writeBlobFile } from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import type { LayerWeights } from "./reference.js";

const BASE: LlamaKernelConfig = {
  dim: 32,
  hiddenDim: 64,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10000,
};

/** Configurations by what is special about them. */
export const CONFIGS: Readonly<Record<string, LlamaKernelConfig>> = {
  "two query heads per KV head": BASE,
  "one KV head": { ...BASE, kvHeads: 1 },
  "as many KV heads as heads": { ...BASE, kvHeads: 4 },
  "head dim other than dim / heads": { ...BASE, heads: 6, kvHeads: 2, headDim: 10, dim: 48 },
};
export const SMALL = BASE;

/** Uniform numbers in [-scale, scale), a function of the seed (mulberry32). */
export function uniform(length: number, scale: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return scale * (2 * (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) - 1);
  });
}

/** Weights of one layer, such that activations stay near 1; rounded to fp32. */
export function layerWeights(config: LlamaKernelConfig, seed = 1): LayerWeights {
  const { dim: D, hiddenDim: F, heads, kvHeads, headDim } = config;
  const QD = heads * headDim;
  const KD = kvHeads * headDim;
  const matrix = (out: number, input: number, stream: number) =>
    uniform(out * input, Math.sqrt(3 / input), seed * 100 + stream).map(Math.fround);
  return {
    norm: uniform(D, 0.5, seed * 100).map((value) => Math.fround(1 + value)),
    wq: matrix(QD, D, 1),
    wk: matrix(KD, D, 2),
    wv: matrix(KD, D, 3),
    wo: matrix(D, QD, 4),
    w1: matrix(F, D, 5),
    w2: matrix(D, F, 6),
    w3: matrix(F, D, 7),
  };
}

/** Evaluates a kernel on slots [channels, S] and model matrices [out, in] (or the rows of them that a weight holds). */
export function runKernel<I extends string, O extends string, W extends string>(
  kernel: Kernel<I, O, W>,
  slots: Readonly<Record<I, Float64Array>>,
  weights: Readonly<Record<W, Float64Array>>,
  numerics: Numerics = "float64",
): Record<O, Float64Array> {
  const inputs = inputTensors(kernel);
  for (const name of namesOf(kernel.inputs)) fillSlot(inputs, kernel.inputs[name], slots[name]);
  const [{ type }] = Object.values(inputs) as [Tensor];
  const files = new Map(kernel.constants);
  for (const name of namesOf(kernel.weights)) {
    const { path, shape, transposed, dtype = type.dtype } = kernel.weights[name];
    const [rows, columns] = shape as [number, number];
    const matrix = transposed ? transpose(weights[name], columns, rows) : weights[name];
    files.set(path, writeBlobFile([encodeBlob(dtype, matrix)]));
  }
  return evaluate(kernel, inputs, files, numerics);
}

/** The same for a kernel whose weights are part of its input. */
export function runDynamicKernel<I extends string, O extends string, W extends string>(
  kernel: DynamicKernel<I, O, W>,
  slots: Readonly<Record<I, Float64Array>>,
  weights: Readonly<Record<W, Float64Array>>,
  numerics: Numerics = "float64",
): Record<O, Float64Array> {
  const inputs = inputTensors(kernel);
  for (const name of namesOf(kernel.inputs)) fillSlot(inputs, kernel.inputs[name], slots[name]);
  for (const name of namesOf(kernel.staged)) {
    const { slot, transposed } = kernel.staged[name];
    const [, rows, , columns] = slot.shape;
    const matrix = transposed ? transpose(weights[name], columns, rows) : weights[name];
    fillSlot(inputs, slot, matrix);
  }
  return evaluate(kernel, inputs, kernel.constants, numerics);
}

/** Tensors by port, of NaN: what a kernel reads without having been given it shows. */
function inputTensors({ program }: Kernel): Record<string, Tensor> {
  const ports = program.functions[0]!.inputs.map((value) => {
    const type = tensorTypeOf(value);
    return [value.name, { type, data: new Float64Array(count(type.shape)).fill(Number.NaN) }];
  });
  return Object.fromEntries(ports);
}

function fillSlot(inputs: Record<string, Tensor>, slot: Slot, matrix: Float64Array): void {
  const { port, start, size, column = 0, shape } = slot;
  const { type, data } = inputs[port]!;
  const width = type.shape[3]!;
  const columns = shape[3];
  for (let row = 0; row < size; row++) {
    const values = matrix.subarray(row * columns, (row + 1) * columns);
    data.set(values, (start + row) * width + column);
  }
}

function evaluate<O extends string>(
  kernel: Kernel<string, O>,
  inputs: Record<string, Tensor>,
  weights: ReadonlyMap<string, Uint8Array>,
  numerics: Numerics,
): Record<O, Float64Array> {
  const values = interpret(kernel.program, inputs, { weights, numerics });
  const results: Partial<Record<O, Float64Array>> = {};
  for (const name of namesOf(kernel.outputs)) {
    const { port, start, size, shape } = kernel.outputs[name];
    const S = shape[3];
    results[name] = Float64Array.from(values[port]!.data.subarray(start * S, (start + size) * S));
  }
  return results as Record<O, Float64Array>;
}

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[];
}

/** Largest difference over the largest expected magnitude. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (!(distance <= difference)) difference = distance;
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return difference / magnitude;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const STEP = 1e-5;

/** Central finite differences of a scalar function, element by element. */
export function finiteDifferences(
  loss: (x: Float64Array) => number,
  x: Float64Array,
): Float64Array {
  const point = Float64Array.from(x);
  return x.map((value, i) => {
    point[i] = value + STEP;
    const above = loss(point);
    point[i] = value - STEP;
    const below = loss(point);
    point[i] = value;
    return (above - below) / (2 * STEP);
  });
}

/** The same for a loss that is a sum over tokens which do not depend on one another: `loss` gives the S terms. */
export function tokenwiseDifferences(
  loss: (x: Float64Array) => Float64Array,
  x: Float64Array,
  S: number,
): Float64Array {
  const gradient = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += S) {
    const moved = (step: number) =>
      loss(x.map((value, i) => (i >= start && i < start + S ? value + step : value)));
    const below = moved(-STEP);
    gradient.set(
      moved(STEP).map((above, s) => (above - below[s]!) / (2 * STEP)),
      start,
    );
  }
  return gradient;
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    matrix,
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)]!,
  );
}
