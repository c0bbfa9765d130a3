/** Random programs of differentiable ops, whose gradients are compared with differences. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type Program,
  parse,
  print,
  runPasses,
  tensor,
  type Value,
} from "../../src/index.js";
import { checkProgramGradients, randomNumbers } from "./finite-differences.js";
import { shapeOf } from "./random-shapes.js";

/** Decides by the remainders of random integers. */
class Picker {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  flag(): boolean {
    return this.below(2) === 1;
  }
}

type Step = (f: FunctionBuilder, x: Value, y: Value, pick: Picker) => Value | readonly Value[];

const SMOOTH = [
  "tanh",
  "sigmoid",
  "sin",
  "cos",
  "erf",
  "silu",
  "softplus",
  "softsign",
  "atan",
  "gelu",
] as const;
const KINKED = ["relu", "abs", "relu6"] as const;
const BINARY = ["add", "sub", "mul", "maximum", "minimum"] as const;
const REDUCE = [
  ...["reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_sum_square"],
  ...["reduce_log_sum_exp", "reduce_l1_norm", "reduce_prod"],
] as readonly ("reduce_sum" | "reduce_max")[];

const shapeOfValue = (x: Value) => x.type.shape;
const rankOf = (x: Value) => x.type.shape.length;
const axisOf = (x: Value, pick: Picker) => pick.below(rankOf(x)) - (pick.flag() ? rankOf(x) : 0);
const positive = (f: FunctionBuilder, x: Value) => f.add({ x: f.square({ x }), y: 0.5 });

function weight(f: FunctionBuilder, shape: readonly number[], pick: Picker): Value {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const elements = Array.from({ length: count }, () => pick.below(17) / 8 - 1);
  return f.constant("weight", tensor("fp32", shape), elements);
}

/** Each wants a value of rank 1 to 5; a step that does not fit is left out. */
const STEPS: readonly Step[] = [
  (f, x, _, pick) => f[pick.of(SMOOTH)]({ x }),
  (f, x, _, pick) => f[pick.of(KINKED)]({ x }),
  (f, x, _, pick) => f.leaky_relu({ x, alpha: pick.of([0.25, -1]) }),
  (f, x) => f.exp({ x: f.tanh({ x }) }),
  (f, x) => f.log({ x: positive(f, x) }),
  (f, x, _, pick) => f.pow({ x: positive(f, x), y: pick.of([-1.5, -0.5, 0.5, 2]) }),
  (f, x, y, pick) => f[pick.of(BINARY)]({ x, y }),
  (f, x, y, pick) => f[pick.of(BINARY)]({ x: y, y: f.mul({ x, y: 0.5 }) }),
  (f, x, y) => f.real_div({ x, y: positive(f, y) }),
  (f, x, y) => f.select({ cond: f.greater({ x, y: 0.25 }), a: x, b: y }),
  (f, x) => f.clip({ x, alpha: -0.75, beta: 0.75 }),
  (f, x, _, pick) => f[pick.of(REDUCE)]({ x, axes: [axisOf(x, pick)], keep_dims: pick.flag() }),
  (f, x, _, pick) => f.reduce_mean({ x, keep_dims: pick.flag() }),
  (f, x, _, pick) => f.softmax({ x, axis: axisOf(x, pick) }),
  (f, x, _, pick) => f.layer_norm({ x, axes: [axisOf(x, pick)], epsilon: 0.25 }),
  (f, x, _, pick) =>
    f.cumsum({ x, axis: axisOf(x, pick), exclusive: pick.flag(), reverse: pick.flag() }),
  (f, x, y, pick) => f.matmul({ x, y, transpose_x: pick.flag(), transpose_y: pick.flag() }),
  (f, x, _, pick) =>
    f.matmul({ x, y: weight(f, [shapeOfValue(x).at(-1)!, 1 + pick.below(3)], pick) }),
  (f, x, _, pick) =>
    f.linear({ x, weight: weight(f, [1 + pick.below(3), shapeOfValue(x).at(-1)!], pick) }),
  (f, x) => f.transpose({ x, perm: [...shapeOfValue(x).keys()].reverse() }),
  (f, x) => f.reshape({ x, shape: [1, -1] }),
  (f, x, _, pick) => f.expand_dims({ x, axes: [pick.below(rankOf(x) + 1)] }),
  (f, x, _, pick) => (rankOf(x) > 1 ? f.squeeze({ x, axes: [axisOf(x, pick)] }) : []),
  (f, x, y, pick) => f.concat({ values: [x, y, x], axis: axisOf(x, pick), interleave: false }),
  (f, x, y, pick) => f.stack({ values: [x, y], axis: pick.below(rankOf(x) + 1) }),
  (f, x, _, pick) => {
    const axis = axisOf(x, pick);
    return f.split({ x, axis, num_splits: shapeOfValue(x).at(axis)! });
  },
  (f, x, _, pick) => {
    const size = shapeOfValue(x).map((dim) => 1 + pick.below(dim));
    const begin = shapeOfValue(x).map((dim, axis) => pick.below(dim - size[axis]! + 1));
    return f.slice_by_size({ x, begin, size });
  },
  (f, x, _, pick) =>
    f.slice_by_index({
      x,
      begin: shapeOfValue(x).map(() => 0),
      end: shapeOfValue(x),
      stride: shapeOfValue(x).map(() => pick.of([1, 2])),
    }),
  (f, x, _, pick) => f.tile({ x, reps: shapeOfValue(x).map(() => pick.of([1, 2])) }),
  (f, x, _, pick) => f.reverse({ x, axes: [axisOf(x, pick)] }),
  (f, x, _, pick) =>
    f.pad({ x, pad: [1, 2], mode: pick.of(["constant", "replicate"] as const), constant_val: 0.5 }),
  (f, x, _, pick) => {
    const axis = axisOf(x, pick);
    const indices = [0, shapeOfValue(x).at(axis)! - 1, 0];
    return f.gather({ x, indices: f.constant("indices", tensor("int32", [3]), indices), axis });
  },
  (f, x, _, pick) => {
    const image = f.reshape({ x, shape: [1, 1, 1, -1] });
    return f.conv({ x: image, weight: weight(f, [2, 1, 1, 2], pick), pad_type: "same" });
  },
  (f, x) => {
    const image = f.reshape({ x, shape: [1, 1, -1] });
    return f.avg_pool({ x: image, kernel_sizes: [2], strides: [1], pad_type: "same" });
  },
  (f, x, _, pick) => {
    const channels = weight(f, [4, 1, 1 + pick.below(2), 1 + pick.below(3)], pick);
    const image = f.reshape({ x: f.concat({ values: [x, x], axis: 0 }), shape: [1, 2, 1, -1] });
    return f.conv({
      x: image,
      weight: channels,
      groups: 2,
      pad_type: pick.of(["same", "same_lower"] as const),
      strides: [1, pick.of([1, 2])],
      dilations: [1, pick.of([1, 2])],
    });
  },
  (f, x, y) => {
    const image = f.reshape({ x, shape: [1, 1, -1] });
    const filter = f.reshape({
      x: f.reduce_sum({ x: y, axes: [-1], keep_dims: true }),
      shape: [1, 1, -1],
    });
    return f.conv_transpose({ x: image, weight: filter, strides: [2] });
  },
  (f, x, _, pick) => {
    const image = f.reshape({ x, shape: [1, 1, -1] });
    const type = pick.of(["max_pool", "l2_pool"] as const);
    // Roots of 0 have no slope.
    const shifted = f.add({ x: f.square({ x: image }), y: 0.25 });
    return f[type]({ x: shifted, kernel_sizes: [3], strides: [2], pad_type: "same" });
  },
  (f, x, y) => f.scaled_dot_product_attention({ query: x, key: y, value: f.sin({ x: y }) }),
  (f, x, _, pick) => {
    const shape = shapeOfValue(x);
    return f.slice_by_index({
      x,
      begin: shape.map((dim) => -dim),
      end: shape.map(() => -1),
      begin_mask: shape.map(() => pick.flag()),
      end_mask: shape.map(() => true),
      squeeze_mask: shape.map((_, axis) => axis > 0 && pick.flag()),
    });
  },
  (f, x, _, pick) => {
    const begin = shapeOfValue(x).map((dim) => dim - 1);
    const back = shapeOfValue(x).map(() => true);
    const stride = shapeOfValue(x).map(() => -1 - pick.below(2));
    return f.slice_by_index({ x, begin, end: begin, end_mask: back, stride });
  },
  (f, x, y, pick) => {
    const rows = shapeOfValue(x)[0]!;
    const indices = [pick.below(rows), pick.below(rows)];
    return f.scatter({
      data: x,
      indices: f.constant("indices", tensor("int32", [2]), indices),
      updates: f.concat({ values: [y, y], axis: 0 }),
      axis: 0,
      mode: pick.of(["add", "sub", "mul", "max", "min"] as const),
    });
  },
  (f, x, _, pick) => {
    const shape = shapeOfValue(x);
    const axis = axisOf(x, pick);
    const count = shape.reduce((a, b) => a * b, 1);
    const indices = Array.from({ length: count }, () => pick.below(shape.at(axis)!));
    return f.gather_along_axis({
      x,
      indices: f.constant("indices", tensor("int32", shape), indices),
      axis,
    });
  },
  (f, x, _, pick) => {
    const axis = axisOf(x, pick);
    const k = 1 + pick.below(shapeOfValue(x).at(axis)!);
    return f.topk({ x, k, axis, ascending: pick.flag() })[0]!;
  },
  (f, x, _, pick) =>
    f.pad({ x, pad: [0, 1, 1, 1], mode: pick.of(["reflect", "replicate"] as const) }),
  (f, x) => f.sliding_windows({ x, axis: -1, size: 2, stride: 1 }),
  (f, x, _, pick) => f.band_part({ x, lower: pick.below(2), upper: pick.below(3) - 1 }),
  (f, x, _, pick) => {
    const image = f.reshape({ x, shape: [1, 1, 1, -1] });
    return pick.flag()
      ? f.upsample_bilinear({ x: image, scale_factor_height: 2, scale_factor_width: 2 })
      : f.upsample_nearest_neighbor({ x: image, scale_factor_height: 1, scale_factor_width: 3 });
  },
  (f, x) => f.space_to_depth({ x: f.reshape({ x, shape: [1, 1, 2, -1] }), block_size: 2 }),
  (f, x) => f.instance_norm({ x: f.reshape({ x, shape: [1, 2, -1] }), epsilon: 0.25 }),
  (f, x) => f.l2_norm({ x: f.reshape({ x, shape: [1, 1, -1] }), epsilon: 0.25 }),
  (f, x) => f.local_response_norm({ x: f.reshape({ x, shape: [1, -1, 1] }), size: 3, alpha: 0.5 }),
  (f, x, y) =>
    f.einsum({ values: [x, f.transpose({ x: y, perm: [2, 1, 0] })], equation: "chw,whu->chu" }),
];

/** What the builder itself allows, as long as it stays small. */
function attempt(f: FunctionBuilder, x: Value, y: Value, pick: Picker): readonly Value[] {
  try {
    const result = pick.of(STEPS)(f, x, y, pick);
    const values: readonly Value[] = "name" in result ? [result] : result;
    return values.filter(
      ({ type: { shape } }) => shape.length <= 5 && shape.reduce((a, b) => a * b, 1) <= 100,
    );
  } catch {
    return [];
  }
}

interface Sample {
  readonly program: Program;
  readonly seed: number;
}

const sample: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.array(shapeOf(0, 4), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 14 }),
    fc.nat(),
  )
  .map(([shapes, steps, seed]) => {
    const pick = new Picker(seed);
    const program = buildProgram({}, (f) => {
      const values = shapes.map((shape, index) => f.input(`in${index}`, tensor("fp32", shape)));
      for (let step = 0; step < steps; step++) {
        // Recent values more often than others, so that programs grow deep.
        const recent = pick.flag() ? values.slice(-2) : values;
        values.push(...attempt(f, pick.of(recent), pick.of(values), pick));
      }
      return { deep: values.at(-1)!, other: pick.of(values) };
    });
    return { program, seed };
  });

function inputsOf({ program, seed }: Sample) {
  const random = randomNumbers(seed + 1);
  return Object.fromEntries(
    program.functions[0]!.inputs.map(({ name, type }) => {
      const own = type as Value["type"];
      const count = own.shape.reduce((product, dim) => product * dim, 1);
      // Odd, so that no element lies on a kink by itself.
      const data = Array.from(
        { length: count },
        () => (2 * Math.round(1536 * random()) - 1535) / 1024,
      );
      return [name, { type: own, data }];
    }),
  );
}

it("their gradients are those of differences", () => {
  fc.assert(
    fc.property(sample, (it) => {
      const inputs = inputsOf(it);
      checkProgramGradients(it.program, inputs, Object.keys(inputs), {
        seed: it.seed,
        kinks: true,
        tolerance: 1e-5,
      });
    }),
    { numRuns: 150 },
  );
});

it("their gradients survive text and passes", () => {
  fc.assert(
    fc.property(sample, (it) => {
      const inputs = inputsOf(it);
      const { outputs } = it.program.functions[0]!;
      const derived = grad(it.program, {
        of: outputs[0]!.name,
        wrt: Object.keys(inputs),
        seed: "seed",
      });
      expect(parse(print(derived))).toEqual(derived);
      const type = outputs[0]!.type as Value["type"];
      const count = type.shape.reduce((product, dim) => product * dim, 1);
      const given = { ...inputs, seed: { type, data: new Float64Array(count).fill(1) } };
      const run = (program: Program) => interpret(program, given, { numerics: "fp16" });
      expect(run(runPasses(derived))).toEqual(run(derived));
    }),
    { numRuns: 60 },
  );
});
