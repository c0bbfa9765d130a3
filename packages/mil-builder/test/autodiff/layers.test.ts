/** Whole layers of well-known models, whose gradients of inputs and weights are compared with differences. */
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type TensorType,
  tensor,
  type Value,
} from "../../src/index.js";
import { checkGradients, randomNumbers, type TestInput } from "./finite-differences.js";

type Values = Readonly<Record<string, Value>>;

interface Layer {
  readonly inputs: Readonly<Record<string, TestInput>>;
  build(f: FunctionBuilder, v: Values): Value;
}

const input = (...shape: number[]): TestInput => ({ shape });
const parameter = (...shape: number[]): TestInput => ({ shape, low: -1, high: 1, constant: true });

/** x [S, D] to [H, S, D/H]. */
function heads(f: FunctionBuilder, x: Value, H: number): Value {
  const [S, D] = x.type.shape as [number, number];
  const split = f.reshape({ x, shape: [S, H, D / H] });
  return f.transpose({ x: split, perm: [1, 0, 2] });
}

/** The two halves of the last dim turned by an angle per position: x·cos + [-x2, x1]·sin. */
function turned(f: FunctionBuilder, x: Value): Value {
  const [, S, h] = x.type.shape as [number, number, number];
  const [a, b] = f.split({ x, axis: -1, num_splits: 2 }) as [Value, Value];
  const swapped = f.concat({ values: [f.mul({ x: b, y: -1 }), a], axis: -1 });
  const angles = Array.from({ length: S * h }, (_, i) => Math.floor(i / h) / (1 + (i % (h / 2))));
  const table = (name: string, of: (angle: number) => number) =>
    f.constant(name, tensor(x.type.dtype, [S, h]), angles.map(of));
  return f.add({
    x: f.mul({ x, y: table("cos", Math.cos) }),
    y: f.mul({ x: swapped, y: table("sin", (angle) => Math.sin(angle)) }),
  });
}

const LAYERS: Readonly<Record<string, Layer>> = {
  "GPT-2 block": {
    inputs: {
      x: input(4, 6),
      gain: parameter(6),
      shift: parameter(6),
      qkv: parameter(18, 6),
      qkvBias: parameter(18),
      out: parameter(6, 6),
      up: parameter(8, 6),
      upBias: parameter(8),
      down: parameter(6, 8),
    },
    build(f, { x, gain, shift, qkv, qkvBias, out, up, upBias, down }) {
      const xn = f.layer_norm({ x: x!, axes: [-1], gamma: gain!, beta: shift!, epsilon: 2 ** -10 });
      const joined = f.linear({ x: xn, weight: qkv!, bias: qkvBias! });
      const [q, k, v] = f.split({ x: joined, axis: 1, num_splits: 3 }) as [Value, Value, Value];
      const mask = f.constant(
        "mask",
        tensor(x!.type.dtype, [4, 4]),
        Array.from({ length: 16 }, (_, i) => (i % 4 > Math.floor(i / 4) ? -1000 : 0)),
      );
      const a = f.scaled_dot_product_attention({
        query: heads(f, q, 2),
        key: heads(f, k, 2),
        value: heads(f, v, 2),
        attn_mask: mask,
      });
      const merged = f.reshape({ x: f.transpose({ x: a, perm: [1, 0, 2] }), shape: [4, 6] });
      const h = f.add({ x: x!, y: f.linear({ x: merged, weight: out! }) });
      const inner = f.gelu({
        x: f.linear({ x: h, weight: up!, bias: upBias! }),
        mode: "TANH_APPROXIMATION",
      });
      return f.add({ x: h, y: f.linear({ x: inner, weight: down! }) });
    },
  },

  "attention with shared keys and turned halves": {
    inputs: { x: input(3, 8), wq: parameter(8, 8), wk: parameter(4, 8), wv: parameter(4, 8) },
    build(f, { x, wq, wk, wv }) {
      const squares = f.reduce_sum_square({ x: x!, axes: [-1], keep_dims: true });
      const mean = f.add({ x: f.mul({ x: squares, y: 1 / 8 }), y: 2 ** -10 });
      const xn = f.mul({ x: x!, y: f.pow({ x: mean, y: -0.5 }) });
      const q = turned(f, heads(f, f.linear({ x: xn, weight: wq! }), 2));
      const k = turned(f, heads(f, f.linear({ x: xn, weight: wk! }), 1));
      const v = heads(f, f.linear({ x: xn, weight: wv! }), 1);
      const all = (one: Value) => f.tile({ x: one, reps: [2, 1, 1] });
      const scores = f.matmul({ x: q, y: all(k), transpose_y: true });
      const probs = f.softmax({ x: f.mul({ x: scores, y: 0.5 }), axis: -1 });
      const a = f.matmul({ x: probs, y: all(v) });
      return f.reshape({ x: f.transpose({ x: a, perm: [1, 0, 2] }), shape: [3, 8] });
    },
  },

  "scores with a bias by distance": {
    inputs: { x: input(4, 4), table: parameter(7, 2), w: parameter(4, 4) },
    build(f, { x, table, w }) {
      const distances = Array.from({ length: 16 }, (_, i) => (i % 4) - Math.floor(i / 4) + 3);
      const indices = f.constant("distances", tensor("int32", [4, 4]), distances);
      const bias = f.transpose({ x: f.gather({ x: table!, indices, axis: 0 }), perm: [2, 0, 1] });
      const q = heads(f, f.linear({ x: x!, weight: w! }), 2);
      const scores = f.matmul({ x: q, y: heads(f, x!, 2), transpose_y: true });
      return f.matmul({
        x: f.softmax({ x: f.add({ x: scores, y: bias }), axis: -1 }),
        y: heads(f, x!, 2),
      });
    },
  },

  "residual block with strides and normalized groups": {
    inputs: {
      x: input(1, 4, 5, 6),
      w1: parameter(4, 4, 3, 3),
      w2: parameter(4, 1, 3, 3),
      skip: parameter(4, 4, 1, 1),
      gain: parameter(4),
      shift: parameter(4),
    },
    build(f, { x, w1, w2, skip, gain, shift }) {
      const strides = [2, 2];
      const first = f.conv({ x: x!, weight: w1!, strides, pad_type: "same" });
      const [n, c, h, w] = first.type.shape as [number, number, number, number];
      const groups = f.reshape({ x: first, shape: [n, 2, (c / 2) * h, w] });
      const normal = f.layer_norm({ x: groups, axes: [2, 3], epsilon: 2 ** -6 });
      const column = (value: Value) => f.reshape({ x: value, shape: [1, c, 1, 1] });
      const scaled = f.add({
        x: f.mul({ x: f.reshape({ x: normal, shape: [n, c, h, w] }), y: column(gain!) }),
        y: column(shift!),
      });
      const second = f.conv({ x: f.silu({ x: scaled }), weight: w2!, pad_type: "same", groups: 4 });
      const short = f.conv({ x: x!, weight: skip!, strides, pad_type: "same" });
      const pooled = f.avg_pool({
        x: f.softplus({ x: f.add({ x: second, y: short }) }),
        kernel_sizes: [2, 2],
        strides: [1, 1],
        pad_type: "valid",
      });
      return f.reduce_mean({ x: pooled, axes: [2, 3] });
    },
  },

  "down and up again with what was passed by": {
    inputs: {
      x: input(1, 2, 4, 4),
      down: parameter(4, 2, 2, 2),
      up: parameter(4, 2, 2, 2),
      end: parameter(3, 6, 3, 3),
      bias: parameter(3),
    },
    build(f, { x, down, up, end, bias }) {
      const low = f.tanh({ x: f.conv({ x: x!, weight: down!, strides: [2, 2] }) });
      const grown = f.conv_transpose({ x: low, weight: up!, strides: [2, 2] });
      const wide = f.resize_bilinear({ x: low, target_size_height: 4, target_size_width: 4 });
      const half = f.slice_by_size({ x: wide, begin: [0, 1, 0, 0], size: [1, 2, 4, 4] });
      const joined = f.concat({ values: [x!, grown, half], axis: 1 });
      const padded = f.pad({ x: joined, pad: [1, 1, 1, 1], mode: "reflect" });
      return f.sigmoid({ x: f.conv({ x: padded, weight: end!, bias: bias! }) });
    },
  },

  "gated causal convolution and a running mean": {
    inputs: { x: input(1, 4, 7), taps: parameter(4, 1, 3), gate: parameter(8, 4, 1) },
    build(f, { x, taps, gate }) {
      const local = f.conv({
        x: x!,
        weight: taps!,
        groups: 4,
        pad_type: "custom",
        pad: [4, 0],
        dilations: [2],
      });
      const both = f.conv({ x: local, weight: gate! });
      const [value, open] = f.split({ x: both, axis: 1, split_sizes: [4, 4] }) as [Value, Value];
      const gated = f.mul({ x: value, y: f.sigmoid({ x: open }) });
      const counts = f.constant("counts", tensor(x!.type.dtype, [7]), [1, 2, 3, 4, 5, 6, 7]);
      return f.real_div({ x: f.cumsum({ x: gated, axis: 2 }), y: counts });
    },
  },

  "mixture of the best experts": {
    inputs: { x: input(3, 4), router: parameter(3, 4), experts: parameter(3, 4, 5) },
    build(f, { x, router, experts }) {
      const logits = f.linear({ x: x!, weight: router! });
      const [best, places] = f.topk({ x: logits, k: 2, axis: -1 }) as [Value, Value];
      const shares = f.softmax({ x: best, axis: -1 });
      const chosen = f.gather({ x: experts!, indices: places, axis: 0 });
      const outputs = f.matmul({ x: f.expand_dims({ x: x!, axes: [1, 2] }), y: chosen });
      const weighted = f.mul({ x: outputs, y: f.expand_dims({ x: shares, axes: [2, 3] }) });
      return f.reduce_sum({ x: weighted, axes: [1, 2] });
    },
  },

  "steps of a recurrent cell": {
    inputs: { x: input(4, 2, 3), own: parameter(9, 3), back: parameter(9, 3), h: input(2, 3) },
    build(f, { x, own, back, h }) {
      let state = h!;
      for (let t = 0; t < 4; t++) {
        const step = f.slice_by_index({
          x: x!,
          begin: [t, 0, 0],
          end: [t + 1, 2, 3],
          squeeze_mask: [true, false, false],
        });
        const [ar, ao, az] = f.split({
          x: f.linear({ x: step, weight: own! }),
          axis: 1,
          num_splits: 3,
        }) as [Value, Value, Value];
        const [br, bo, bz] = f.split({
          x: f.linear({ x: state, weight: back! }),
          axis: 1,
          num_splits: 3,
        }) as [Value, Value, Value];
        const reset = f.sigmoid({ x: f.add({ x: ar, y: br }) });
        const update = f.sigmoid({ x: f.add({ x: az, y: bz }) });
        const fresh = f.tanh({ x: f.add({ x: ao, y: f.mul({ x: reset, y: bo }) }) });
        const kept = f.mul({ x: update, y: f.sub({ x: state, y: fresh }) });
        state = f.add({ x: fresh, y: kept });
      }
      return state;
    },
  },
};

describe.each(Object.entries(LAYERS))("%s", (_, { inputs, build }) => {
  it("agrees with differences", () => {
    checkGradients(build, inputs, { tolerance: 1e-5 });
  });

  it("computes in fp16 what it does in float64, to a hundredth", () => {
    const random = randomNumbers(7);
    const program = buildProgram({}, (f) => {
      const values = Object.entries(inputs).map(
        ([name, { shape, low = -2, high = 2, constant }]) => {
          const type = tensor("fp16", shape);
          const made = () => f.constant(name, type, points(type, low, high, random));
          return [name, constant ? made() : f.input(name, type)] as const;
        },
      );
      return { y: f.identity({ x: build(f, Object.fromEntries(values)) }, "y") };
    });
    const wrt = Object.keys(inputs);
    const backward = grad(program, { of: "y", wrt, seed: "dy" });
    const given = Object.fromEntries(
      backward.functions[0]!.inputs.map(({ name, type }) => {
        const fp16 = type as TensorType;
        return [name, { type: fp16, data: points(fp16, -1, 1, random) }];
      }),
    );
    const half = interpret(backward, given, { numerics: "fp16" });
    const exact = interpret(backward, given, { numerics: "float64" });
    for (const [name, { data }] of Object.entries(exact)) {
      const scale = Math.max(...data.map(Math.abs));
      data.forEach((element, i) => {
        expect(Math.abs(half[name]!.data[i]! - element) / scale, name).toBeLessThan(0.01);
      });
    }
  });
});

function points({ shape }: TensorType, low: number, high: number, random: () => number): number[] {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: count }, () => Math.round((low + (high - low) * random()) * 64) / 64);
}
