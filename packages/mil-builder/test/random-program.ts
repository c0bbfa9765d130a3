/** Random programs through the builder: every step picks an op that is valid for a value picked from those so far. */
import fc from "fast-check";
import {
  buildProgram,
  type DType,
  type FunctionBuilder,
  type Opset,
  type Program,
  tensor,
  type Value,
} from "../src/index.js";

/** Integers whose remainders decide one step. */
type Choices = readonly number[];

class Picker {
  readonly #choices: Choices;
  #next = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  below(count: number): number {
    return this.#choices[this.#next++ % this.#choices.length]! % count;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  flag(): boolean {
    return this.below(2) === 1;
  }
}

type Step = (f: FunctionBuilder, x: Value, pick: Picker) => Value | readonly Value[];

const UNARY = [
  ...["abs", "ceil", "cos", "erf", "exp", "floor", "gelu", "identity", "inverse", "log", "relu"],
  ...["round", "rsqrt", "sigmoid", "sign", "silu", "sin", "softmax", "sqrt", "square", "tanh"],
] as readonly ("abs" | "relu")[];
const BINARY = ["add", "sub", "mul", "real_div", "maximum", "minimum", "pow"] as const;
const COMPARE = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"] as const;
const REDUCE = [
  "reduce_sum",
  "reduce_mean",
  "reduce_max",
  "reduce_min",
  "reduce_sum_square",
] as const;

const NUMBERS = [
  0,
  -0,
  1,
  -1.5,
  0.1,
  2 ** -24,
  -(2 ** -20),
  65504,
  1 / 3,
  Infinity,
  -Infinity,
  NaN,
];

const STEPS: readonly Step[] = [
  (f, x, pick) => f[pick.of(UNARY)]({ x }, pick.flag() ? "u" : undefined),
  (f, x, pick) => f[pick.of(BINARY)]({ x, y: pick.flag() ? x : pick.of(NUMBERS) }),
  (f, x, pick) => {
    const cond = f[pick.of(COMPARE)]({ x, y: 0 });
    return [cond, f.select({ cond, a: x, b: pick.of(NUMBERS) }), f.logical_not({ x: cond })];
  },
  (f, x, pick) =>
    f[pick.of(REDUCE)]({ x, axes: [pick.below(x.type.shape.length)], keep_dims: pick.flag() }),
  (f, x, pick) => f[pick.of(REDUCE)]({ x }),
  (f, x) => f.matmul({ x, y: x, transpose_y: true }, "product"),
  (f, x) => f.reshape({ x, shape: [1, -1] }),
  (f, x) => f.transpose({ x, perm: [...x.type.shape.keys()].reverse() }),
  (f, x, pick) => f.expand_dims({ x, axes: [pick.below(2)] }),
  (f, x) => f.squeeze({ x }),
  (f, x, pick) =>
    f.concat({ values: pick.flag() ? [x] : [x, x, x], axis: 0, interleave: pick.flag() }),
  (f, x) => f.split({ x, axis: 0, split_sizes: x.type.shape.slice(0, 1) }, "part"),
  (f, x) =>
    f.slice_by_size({ x, begin: x.type.shape.map(() => 0), size: x.type.shape.map(() => 1) }),
  (f, x, pick) =>
    f.slice_by_index({
      x,
      begin: x.type.shape.map(() => 0),
      end: x.type.shape,
      squeeze_mask: x.type.shape.map(() => pick.flag()),
    }),
  (f, x, pick) => f.cast({ x, dtype: pick.of(["fp16", "fp32", "int32", "bool"] as const) }),
  (f, x) => {
    const image = f.reshape({ x, shape: [1, -1, 1, 1] });
    const channels = image.type.shape[1]!;
    const weight = f.blob("w", tensor(x.type.dtype, [2, channels, 1, 1]), "@model_path/w.bin", 64);
    return f.conv({ x: image, weight, strides: [1, 1], pad_type: "same", groups: 1 }, "conv");
  },
  (f, _, pick) => {
    const dtype = pick.of(["fp16", "fp32", "fp64", "bf16"] as const satisfies readonly DType[]);
    const elements = Array.from({ length: 6 }, () =>
      pick.of(NUMBERS.filter((n) => Math.abs(n) !== 2 ** -24)),
    );
    return f.constant("floats", tensor(dtype, pick.of([[6], [2, 3], [1, 3, 2]])), elements);
  },
  (f, _, pick) => {
    const dtype = pick.of(["int8", "uint16", "int64", "uint32", "int4"] as const);
    return f.constant("integers", tensor(dtype, [2]), [pick.below(8), 7]);
  },
];

/** Applies `step` where the value's dtype and shape allow it; the builder itself is the judge. */
function attempt(f: FunctionBuilder, step: Step, x: Value, pick: Picker): readonly Value[] {
  try {
    const result = step(f, x, pick);
    return "name" in result ? [result] : result;
  } catch {
    return [];
  }
}

const type = fc
  .tuple(
    fc.constantFrom<DType>("fp16", "fp32", "int32"),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  )
  .map(([dtype, shape]) => tensor(dtype, shape));

const choices = fc.array(fc.noBias(fc.nat()), { minLength: 8, maxLength: 12 });

export const randomProgram: fc.Arbitrary<Program> = fc
  .record({
    opset: fc.constantFrom<Opset>("ios15", "ios17", "ios18"),
    inputs: fc.array(type, { minLength: 1, maxLength: 3 }),
    steps: fc.array(choices, { minLength: 1, maxLength: 25 }),
  })
  .map(({ opset, inputs, steps }) =>
    buildProgram({ opset }, (f) => {
      const values = inputs.map((input, index) => f.input(`in${index}`, input));
      for (const step of steps) {
        const pick = new Picker(step);
        values.push(...attempt(f, pick.of(STEPS), pick.of(values), pick));
      }
      return { last: values.at(-1)!, first: values[0]! };
    }),
  );
