/** Layers that nobody wrote a backward for: their derived kernels against finite differences, in both pipelines. */
import { describe, expect, test } from "vitest";
import {
  constantBlob,
  type DeriveOptions,
  deriveTraining,
  type LayerDefinition,
  project,
  type TrainingKernels,
} from "../../../src/autodiff/index.js";
import type { FunctionBuilder, Value } from "../../../src/index.js";
import { relativeError, uniform } from "../../kernels/fixtures.js";
import { checkDerivatives } from "./check-derivatives.js";
import { type LayerValues, runTraining } from "./run-training.js";

const S = 32;
const D = 8;

/** Any definition, as tables hold them. */
type AnyDefinition = LayerDefinition;

function layer<I extends string, O extends string, P extends string, C extends string = never>(
  definition: LayerDefinition<I, O, P, C>,
): AnyDefinition {
  return definition as unknown as AnyDefinition;
}

function bias(f: FunctionBuilder, x: Value, b: Value, name: string): Value {
  return f.add({ x, y: b }, name);
}

/** LayerNorm over channels in ops that the engine has. */
function layerNorm(f: FunctionBuilder, x: Value, gain: Value, shift: Value, name: string): Value {
  const sum = f.reduce_sum({ x, axes: [1], keep_dims: true });
  const centred = f.sub({ x, y: f.mul({ x: sum, y: 1 / D }) });
  const squares = f.reduce_sum({
    x: f.mul({ x: centred, y: centred }),
    axes: [1],
    keep_dims: true,
  });
  const variance = f.add({ x: f.mul({ x: squares, y: 1 / D }), y: 1e-3 });
  const unit = f.mul({ x: centred, y: f.pow({ x: variance, y: -0.5 }) });
  return f.add({ x: f.mul({ x: unit, y: gain }), y: shift }, name);
}

const mask = constantBlob("layer_mask", "fp32", [1, 1, S, S], () =>
  Float64Array.from({ length: S * S }, (_, i) => (i % S > i / S ? -1e4 : 0)),
);

const LAYERS: Readonly<Record<string, AnyDefinition>> = {
  "a GPT-2 block": layer({
    name: "block",
    inputs: { x: D },
    parameters: {
      g1: { shape: [D] },
      s1: { shape: [D] },
      wqkv: { shape: [3 * D, D] },
      bqkv: { shape: [3 * D] },
      wo: { shape: [D, D] },
      bo: { shape: [D] },
      g2: { shape: [D] },
      s2: { shape: [D] },
      up: { shape: [4 * D, D] },
      bup: { shape: [4 * D] },
      down: { shape: [D, 4 * D] },
      bdown: { shape: [D] },
    },
    constants: { mask },
    forward(f, { x }, w, constants) {
      const heads = 2;
      const norm = layerNorm(f, x, w.g1, w.s1, "norm1");
      const qkv = bias(f, project(f, norm, w.wqkv, "qkv"), w.bqkv, "qkv_biased");
      const part = (index: number, name: string) => {
        const of = f.slice_by_size(
          { x: qkv, begin: [0, index * D, 0, 0], size: [1, D, 1, S] },
          name,
        );
        const split = f.reshape({ x: of, shape: [1, heads, D / heads, S] });
        return f.transpose({ x: split, perm: [0, 1, 3, 2] });
      };
      const [q, k, v] = [part(0, "q"), part(1, "k"), part(2, "v")];
      const scores = f.matmul({ x: q, y: k, transpose_x: false, transpose_y: true });
      const scaled = f.mul({ x: scores, y: 1 / Math.sqrt(D / heads) });
      const probs = f.softmax({ x: f.add({ x: scaled, y: constants.mask }), axis: -1 }, "probs");
      const mixed = f.matmul({ x: probs, y: v, transpose_x: false, transpose_y: false });
      const merged = f.transpose({ x: mixed, perm: [0, 1, 3, 2] });
      const a = f.reshape({ x: merged, shape: [1, D, 1, S] }, "a");
      const middle = f.add({ x, y: bias(f, project(f, a, w.wo, "o"), w.bo, "o_biased") }, "middle");
      const norm2 = layerNorm(f, middle, w.g2, w.s2, "norm2");
      const up = bias(f, project(f, norm2, w.up, "up_product"), w.bup, "up_biased");
      const act = f.gelu({ x: up, mode: "TANH_APPROXIMATION" }, "act");
      const down = bias(f, project(f, act, w.down, "down_product"), w.bdown, "down_biased");
      return { y: f.add({ x: middle, y: down }) };
    },
  }),
  "one matrix used twice": layer({
    name: "twice",
    inputs: { x: D },
    parameters: { w: { shape: [D, D] } },
    forward(f, { x }, { w }) {
      const once = f.tanh({ x: project(f, x, w, "once") }, "inner");
      return { y: project(f, once, w, "again") };
    },
  }),
  "two inputs and two outputs": layer({
    name: "two",
    inputs: { a: D, b: 2 * D },
    parameters: { w: { shape: [D, 2 * D] }, gain: { shape: [D] } },
    forward(f, { a, b }, { w, gain }) {
      const product = project(f, b, w, "product");
      const mixed = f.mul({ x: f.sigmoid({ x: a }), y: product }, "mixed");
      return { sum: f.add({ x: mixed, y: a }), gated: f.mul({ x: mixed, y: gain }) };
    },
  }),
  "nothing but a bias, whose gradients are those of the output": layer({
    name: "bias",
    inputs: { x: D },
    parameters: { b: { shape: [D] } },
    forward: (f, { x }, { b }) => ({ y: bias(f, x, b, "biased") }),
  }),
  "a matrix of one column, one of one row, and names of gradients and transposes": layer({
    name: "thin",
    inputs: { x: 1 },
    parameters: { w: { shape: [D, 1] }, w_t: { shape: [1, D] }, w_rows: { shape: [D] } },
    forward(f, { x }, { w, w_t, w_rows }) {
      const wide = f.mul({ x: f.sin({ x: project(f, x, w, "wide") }), y: w_rows });
      return { y: project(f, wide, w_t, "narrow") };
    },
  }),
  "a matrix that is no layer's width": layer({
    name: "narrow",
    inputs: { x: D },
    parameters: { a: { shape: [5, D] }, b: { shape: [7, 5] }, c: { shape: [D, 7] } },
    forward(f, { x }, { a, b, c }) {
      const first = f.relu({ x: project(f, x, a, "first") });
      const second = f.silu({ x: project(f, first, b, "second") });
      return { y: project(f, second, c, "third") };
    },
  }),
};

/** Parameters of ranks that only constants have. */
const STATIC_LAYERS: Readonly<Record<string, AnyDefinition>> = {
  "a causal convolution": layer({
    name: "conv",
    inputs: { x: D },
    parameters: { kernel: { shape: [6, D, 1, 3] } },
    forward(f, { x }, { kernel }) {
      const y = f.conv({ x, weight: kernel, pad_type: "custom", pad: [0, 0, 2, 0] }, "convolved");
      return { y: f.tanh({ x: y }) };
    },
  }),
  "a depthwise convolution": layer({
    name: "depthwise",
    inputs: { x: D },
    parameters: { kernel: { shape: [D, 1, 1, 3] } },
    forward(f, { x }, { kernel }) {
      const pad = { pad_type: "custom", pad: [0, 0, 2, 0] } as const;
      return { y: f.conv({ x, weight: kernel, groups: D, ...pad }, "convolved") };
    },
  }),
  "positions and a scalar": layer({
    name: "positions",
    inputs: { x: D },
    parameters: { table: { shape: [1, D, 1, S] }, scale: { shape: [1] } },
    forward(f, { x }, { table, scale }) {
      return { y: f.mul({ x: f.add({ x: f.tanh({ x }), y: table }), y: scale }) };
    },
  }),
  "rows as tokens": layer({
    name: "tokens",
    inputs: { x: D },
    parameters: { w: { shape: [D, D] } },
    forward(f, { x }, { w }) {
      const tokens = f.transpose({ x, perm: [0, 2, 3, 1] });
      const matrix = f.reshape({ x: w, shape: [1, 1, D, D] });
      const y = f.matmul({ x: tokens, y: matrix, transpose_x: false, transpose_y: true });
      return { y: f.tanh({ x: f.transpose({ x: y, perm: [0, 3, 1, 2] }) }) };
    },
  }),
};

function derive(definition: AnyDefinition, options: Partial<DeriveOptions> = {}): TrainingKernels {
  return deriveTraining(definition, { seqLen: S, pipeline: "static", dtype: "fp32", ...options });
}

function valuesFor(definition: AnyDefinition, kernels: TrainingKernels): LayerValues {
  let stream = 0;
  const random = (length: number, scale: number) => uniform(length, scale, ++stream);
  const map = <T>(record: Readonly<Record<string, T>>, make: (value: T) => Float64Array) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value)]));
  const outputs = kernels.forward.outputs;
  return {
    inputs: map(definition.inputs, (channels) => random(channels * S, 1)),
    parameters: map(definition.parameters, ({ shape }) =>
      random(
        shape.reduce((a, b) => a * b, 1),
        0.6,
      ),
    ),
    seeds: map(kernels.outputs, ({ slot }) => random(outputs[slot]!.size * S, 1)),
  };
}

function check(definition: AnyDefinition, options: Partial<DeriveOptions>): TrainingKernels {
  const kernels = derive(definition, options);
  checkDerivatives(kernels, valuesFor(definition, kernels));
  const parameters = new Set(kernels.weightGradients.map(({ parameter }) => parameter));
  expect([...parameters].sort()).toEqual(Object.keys(definition.parameters).sort());
  return kernels;
}

describe.each(Object.entries(LAYERS))("%s", (_, definition) => {
  test.each(["static", "dynamic"] as const)("%s", (pipeline) => {
    check(definition, { pipeline });
  });
  test("with every tensor in a port of its own", () => {
    const { forward, backward } = check(definition, { packing: "ports" });
    for (const { program } of [forward, ...backward]) {
      const [main] = program.functions;
      const names = main!.inputs.map(({ name }) => name);
      expect(names).toEqual([...names].sort());
    }
  });
});

describe.each(Object.entries(STATIC_LAYERS))("%s", (_, definition) => {
  test("static", () => {
    check(definition, {});
  });
});

test("gradients of matrices and of biases leave the sum over tokens to the caller", () => {
  const { weightGradients } = derive(LAYERS["a GPT-2 block"]!);
  const kinds = Object.fromEntries(weightGradients.map(({ parameter, kind }) => [parameter, kind]));
  expect(kinds).toEqual({
    ...{ wqkv: "product", wo: "product", up: "product", down: "product" },
    ...{ bqkv: "rowSums", bo: "rowSums", bup: "rowSums", bdown: "rowSums" },
    ...{ g1: "rowSums", s1: "rowSums", g2: "rowSums", s2: "rowSums" },
  });
});

test("conditions are computed again, however cheap surfaces are", () => {
  const definition = layer({
    name: "best",
    inputs: { x: D },
    parameters: { w: { shape: [D, D] } },
    forward(f, { x }, { w }) {
      const a = project(f, x, w, "a");
      const largest = f.reduce_max({ x: a, axes: [1], keep_dims: true });
      const isLargest = f.greater_equal({ x: a, y: largest });
      return { y: f.select({ cond: isLargest, a: f.exp({ x: a }), b: f.mul({ x: a, y: 0.1 }) }) };
    },
  });
  const costs = { handOverMs: 0, portBytes: 1e15, copyBytes: 1e15 };
  for (const pipeline of ["static", "dynamic"] as const) check(definition, { pipeline, costs });
});

test("so does that of a general convolution, whose windows are the other operand", () => {
  const { weightGradients } = derive(STATIC_LAYERS["a causal convolution"]!);
  expect(weightGradients.map(({ kind }) => kind)).toEqual(["product"]);
});

test("a loss scale goes through, up to what fp16 cannot hold", () => {
  const definition = LAYERS["a matrix that is no layer's width"]!;
  const kernels = derive(definition, { dtype: "fp16" });
  const values = valuesFor(definition, kernels);
  const once = runTraining(kernels, values, "fp16");
  const seeds = { y: values.seeds.y!.map((value) => 8 * value) };
  const scaled = runTraining(kernels, { ...values, seeds }, "fp16");
  const expectTimes8 = (actual: Float64Array, single: Float64Array) =>
    expect(
      relativeError(
        actual,
        single.map((value) => 8 * value),
      ),
    ).toBeLessThan(1e-6);
  expectTimes8(scaled.gradients.x!, once.gradients.x!);
  for (const name of ["a", "b", "c"]) {
    expectTimes8(scaled.parameterGradients[name]!, once.parameterGradients[name]!);
  }
});
