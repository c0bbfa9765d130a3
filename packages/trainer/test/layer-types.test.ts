/**
 * Layers of many kinds, each between an embedding and a head: along the gradient of each parameter, the loss rises as fast as the
 * gradient is long (central differences of the loss, in fp32).
 */
import { type FunctionBuilder, tensor, type Value } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import { drawParameters } from "../src/draw-parameters.js";
import {
  causalMask,
  defineLayer,
  defineModel,
  type LayerDefinition,
  type ModelOptions,
  modelGradients,
  project,
} from "../src/index.js";

const [D, S, V] = [32, 32, 48];

/** Each token read at its place plus `by`, between two tokens: their mean; zeros outside. */
function shiftedBy(f: FunctionBuilder, x: Value, by: number): Value {
  const places = Array.from({ length: S }, (_, s) => [s + by, 0]).flat();
  return f.resample({
    x,
    coordinates: f.constant("places", tensor("fp32", [1, 1, S, 2]), places),
    sampling_mode: "bilinear",
    padding_mode: "constant",
    padding_value: 0,
    coordinates_mode: "unnormalized",
    align_corners: true,
  });
}

const LAYERS: Record<string, LayerDefinition> = {
  "a value used by several ops, and a parameter used twice": defineLayer({
    name: "twice",
    parameters: { weight: { shape: [D, D], init: { normal: 0.2 } } },
    forward(f, { x, w }) {
      const once = f.tanh({ x: project(f, x, w.weight, "once") });
      return f.add({ x: project(f, once, w.weight, "again"), y: f.mul({ x: once, y: x }) });
    },
  }),
  "linear attention with a sum over the past": defineLayer({
    name: "linearAttention",
    residual: true,
    parameters: {
      wq: { shape: [D, D], init: { normal: 0.3 } },
      wk: { shape: [D, D], init: { normal: 0.3 } },
      wv: { shape: [D, D], init: { normal: 0.3 } },
    },
    forward(f, { x, w }) {
      const q = f.sigmoid({ x: project(f, x, w.wq, "q") });
      const k = f.sigmoid({ x: project(f, x, w.wk, "k") });
      const kv = f.mul({ x: k, y: project(f, x, w.wv, "v") });
      const sum = f.cumsum({ x: kv, axis: -1, exclusive: false, reverse: false });
      const norm = f.cumsum({ x: k, axis: -1, exclusive: false, reverse: false });
      return f.mul({ x: q, y: f.real_div({ x: sum, y: norm }) });
    },
  }),
  "MIL's own attention": defineLayer({
    name: "ownAttention",
    residual: true,
    parameters: { qkv: { shape: [3 * D, D], init: { normal: 0.3 } } },
    constants: { mask: causalMask(S) },
    forward(f, { x, w, constants }) {
      const parts = f.split({ x: project(f, x, w.qkv, "parts"), num_splits: 3, axis: 1 });
      const [query, key, value] = parts.map((part) =>
        f.transpose({ x: f.reshape({ x: part, shape: [1, 4, D / 4, S] }), perm: [0, 1, 3, 2] }),
      );
      const attended = f.scaled_dot_product_attention({
        query: query!,
        key: key!,
        value: value!,
        attn_mask: constants.mask,
      });
      const columns = f.transpose({ x: attended, perm: [0, 1, 3, 2] });
      return f.reshape({ x: columns, shape: [1, D, 1, S] });
    },
  }),
  "depthwise and grouped convolutions": defineLayer({
    name: "grouped",
    parameters: {
      depth: { shape: [D, 1, 1, 5], init: "he" },
      groups: { shape: [D, D / 4, 1, 1], init: "he" },
    },
    forward(f, { x, w }) {
      const depth = f.conv({
        x,
        weight: w.depth,
        groups: D,
        pad_type: "custom",
        pad: [0, 0, 4, 0],
      });
      const mixed = f.conv({
        x: f.gelu({ x: depth, mode: "EXACT" }),
        weight: w.groups,
        groups: 4,
        pad_type: "valid",
      });
      return f.add({ x: mixed, y: x });
    },
  }),
  "learned positions as a layer": defineLayer({
    name: "positions",
    parameters: { table: { shape: [1, D, 1, S], init: { normal: 0.3 } } },
    forward: (f, { x, w }) => f.add({ x, y: w.table }),
  }),
  "maxout, and more channels on the way": defineLayer({
    name: "maxout",
    parameters: {
      up: { shape: [4 * D, D], init: { normal: 0.3 } },
      bias: { shape: [4 * D], init: { normal: 0.3 } },
      down: { shape: [D, 2 * D], init: { normal: 0.3 } },
    },
    forward(f, { x, w }) {
      const wide = f.add({ x: project(f, x, w.up, "wide"), y: w.bias });
      const [a, b] = f.split({ x: wide, num_splits: 2, axis: 1 });
      return project(f, f.maximum({ x: a!, y: b! }), w.down, "y");
    },
  }),
  "a parameter of rank 3 and one of one element": defineLayer({
    name: "oddShapes",
    parameters: {
      mixing: { shape: [1, S, S], init: { normal: 0.2 } },
      gain: { shape: [1], init: "ones" },
    },
    forward(f, { x, w }) {
      const flat = f.reshape({ x, shape: [1, D, S] });
      const mixed = f.reshape({ x: f.matmul({ x: flat, y: w.mixing }), shape: [1, D, 1, S] });
      return f.mul({ x: f.add({ x, y: mixed }), y: w.gain });
    },
  }),
};

/** Its op has no rule in the table. */
const resampled = defineLayer({
  name: "resampled",
  parameters: { weight: { shape: [D, D], init: { normal: 0.3 } } },
  rules: { resample: ({ f, cotangent }) => ({ x: shiftedBy(f, cotangent, 0.5) }) },
  forward: (f, { x, w }) => shiftedBy(f, f.tanh({ x: project(f, x, w.weight, "wx") }), -0.5),
});

/** Its backward pass has nothing to compute. */
const idle = defineLayer({
  name: "idle",
  parameters: { bias: { shape: [D] } },
  forward: (f, { x, w }) => f.add({ x, y: w.bias }),
});
/** Its gradient of x is zero. */
const deaf = defineLayer({
  name: "deaf",
  parameters: { table: { shape: [1, D, 1, S], init: { normal: 0.3 } } },
  forward: (f, { x, w }) => f.add({ x: f.mul({ x, y: 0 }), y: w.table }),
});

function textModel(layers: readonly LayerDefinition[]) {
  return defineModel({
    name: "kinds",
    input: { kind: "tokens", vocabulary: V, dim: D, length: S },
    layers,
    head: { kind: "nextToken", classifier: "untied" },
  });
}

const tokens = Uint16Array.from({ length: S + 1 }, (_, i) => (i * i * 7 + 3) % V);
const text = { inputs: tokens.subarray(0, S), targets: tokens.subarray(1) };

const SIZE = 8;
const IMAGES: Record<string, ModelOptions["layers"]> = {
  "transposed convolutions, max-pooling and matrices": [
    defineLayer({
      name: "channels",
      parameters: {
        weight: { shape: [4, 2], init: "he" },
        bias: { shape: [4], init: { normal: 0.3 } },
      },
      forward: (f, { x, w }) => f.add({ x: project(f, x, w.weight, "channels_x"), y: w.bias }),
    }),
    defineLayer({
      name: "pool",
      forward: (f, { x }) =>
        f.max_pool({ x, kernel_sizes: [2, 2], strides: [2, 2], pad_type: "valid" }),
    }),
    defineLayer({
      name: "wider",
      parameters: { weight: { shape: [4, 8, 2, 2], init: "he" } },
      forward: (f, { x, w }) =>
        f.conv_transpose({
          x: f.tanh({ x }),
          weight: w.weight,
          strides: [2, 2],
          pad_type: "valid",
        }),
    }),
    defineLayer({
      name: "attend",
      residual: true,
      parameters: { weight: { shape: [8, 8, 3, 3], init: "he" } },
      forward: (f, { x, w }) => f.sigmoid({ x: f.conv({ x, weight: w.weight, pad_type: "same" }) }),
    }),
  ],
};

function imageModel(layers: readonly LayerDefinition[]) {
  return defineModel({
    name: "kinds",
    input: { kind: "images", shape: [2, SIZE, SIZE], batch: 4 },
    layers,
    head: { kind: "label", classes: 5 },
  });
}

const images = {
  inputs: Float32Array.from({ length: 4 * 2 * SIZE * SIZE }, (_, i) => Math.sin(i * 1.7)),
  targets: Uint16Array.of(0, 4, 2, 1),
};

const MODELS = [
  ...Object.entries(LAYERS).map(([name, layer]) => [name, textModel([layer]), text] as const),
  ["an op without a rule, with one of the layer's own", textModel([resampled]), text] as const,
  ["all of them", textModel(Object.values(LAYERS)), text] as const,
  ...Object.entries(IMAGES).map(([name, layers]) => [name, imageModel(layers), images] as const),
];

describe.each(MODELS)("%s", (_name, model, data) => {
  const drawn = new Float32Array(
    model.record.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  );
  drawParameters(model.record, drawn, 7);
  // Streams large enough that no gradient is tiny.
  for (let i = 0; i < drawn.length; i++) drawn[i]! *= 1.5;
  const at = (parameters: Float32Array) =>
    modelGradients(model, { ...data, fill: (target) => target.set(parameters) });

  it("has the gradients of its loss", () => {
    const { gradients } = at(drawn);
    let offset = 0;
    const errors = Object.entries(gradients).flatMap(([name, gradient]): [string, number][] => {
      const start = offset;
      offset += gradient.length;
      const length = Math.hypot(...gradient);
      const step = 5e-3;
      const moved = (by: number) => {
        const parameters = drawn.slice();
        gradient.forEach((value, i) => {
          parameters[start + i]! += (by * value) / length;
        });
        return at(parameters).loss;
      };
      const slope = (moved(step) - moved(-step)) / (2 * step);
      return [[name, Math.abs(slope / length - 1)]];
    });
    expect(errors.filter(([, error]) => !(error < 1e-2))).toEqual([]);
  });

  it("has them in fp16, too", () => {
    // Roundings add up, and take some values to the other side of a maximum.
    const bound = 1.5e-2 * (1 + model.layers.length);
    const { gradients: exact } = at(drawn);
    const { gradients: rounded } = modelGradients(model, {
      ...data,
      numerics: "fp16",
      lossScale: 64,
      fill: (target) => target.set(drawn),
    });
    const errors = Object.entries(exact).map(([name, gradient]): [string, number] => [
      name,
      Math.hypot(...gradient.map((value, i) => value - rounded[name]![i]!)) /
        Math.hypot(...gradient),
    ]);
    expect(errors.filter(([, error]) => !(error < bound))).toEqual([]);
  });
});

it("has gradients of zero where the loss does not depend on a parameter", () => {
  const { gradients } = modelGradients(textModel([idle]), text);
  expect(Math.hypot(...gradients["layers.0.idle.bias"]!)).toBeGreaterThan(0);
  const { gradients: behind } = modelGradients(textModel([idle, deaf]), text);
  expect(Math.hypot(...behind["layers.0.idle.bias"]!)).toBe(0);
  expect(Math.hypot(...behind.tokenEmbedding!)).toBe(0);
  expect(Math.hypot(...behind["layers.1.deaf.table"]!)).toBeGreaterThan(0);
});
