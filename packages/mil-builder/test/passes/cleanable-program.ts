/** Random programs full of what the passes look for: casts, transposes, reshapes, constants, repetitions, dead ends. */
import fc from "fast-check";
import {
  buildProgram,
  type FunctionBuilder,
  type Opset,
  type Program,
  tensor,
  type Value,
} from "../../src/index.js";

type Step = (f: FunctionBuilder, x: Value, choice: number) => Value | readonly Value[];

const DTYPES = ["fp16", "fp32", "int32", "bool", "int8", "uint8", "int16", "uint16"] as const;

const STEPS: readonly Step[] = [
  (f, x, choice) => f.cast({ x, dtype: DTYPES[choice % DTYPES.length]! }),
  (f, x, choice) => f.cast({ x, dtype: DTYPES[choice % 3]! }),
  (f, x, choice) => {
    const axes = [...x.type.shape.keys()];
    return f.transpose({
      x,
      perm: [...axes.slice(choice % axes.length), ...axes.slice(0, choice % axes.length)],
    });
  },
  (f, x) => f.transpose({ x, perm: [...x.type.shape.keys()].map((axis) => -1 - axis) }),
  (f, x) => f.cast({ x: f.cast({ x, dtype: "fp32" }), dtype: "fp16" }),
  (f, x, choice) =>
    f.cast({ x: f.cast({ x, dtype: DTYPES[choice % 3]! }), dtype: DTYPES[(choice >> 1) % 3]! }),
  (f, x) => f.reshape({ x, shape: [-1] }),
  (f, x, choice) => f.reshape({ x, shape: [-1, x.type.shape[choice % x.type.shape.length]!] }),
  (f, x, choice) => f.expand_dims({ x, axes: [choice % 2] }),
  (f, x) => f.squeeze({ x }),
  (f, x) => f.identity({ x }),
  (f, x) => f.relu({ x }),
  (f, x) => f.exp({ x }),
  (f, x) => f.add({ x, y: x }),
  (f, x) => f.mul({ x, y: 0.5 }),
  (f, x) => f.softmax({ x, axis: -1 }),
  (f, x) => f.concat({ values: [x, x], axis: 0, interleave: false }),
  (f, x) => f.split({ x, axis: 0, num_splits: x.type.shape[0]! }),
  (f, _, choice) => f.constant("c", tensor("fp16", [2, 3]), [choice, -0, 1 / 3, -2, 65504, 0.1]),
  (f, _, choice) => f.constant("i", tensor("int32", [2, 2]), [choice, -1, 300, 70000]),
  (f, _, choice) => f.constant("b", tensor("bool", [1, 3]), [choice % 2 === 0, true, false]),
];

/** The builder is the judge of whether a step suits the value. */
function attempt(f: FunctionBuilder, step: Step, x: Value, choice: number): readonly Value[] {
  // Concatenations double: without a limit, a chain of them takes minutes.
  if (x.type.shape.reduce((a, b) => a * b, 1) > 200) return [];
  try {
    const result = step(f, x, choice);
    return "name" in result ? [result] : result;
  } catch {
    return [];
  }
}

const step = fc.tuple(fc.nat(STEPS.length - 1), fc.nat(5), fc.nat(7));

export const cleanableProgram: fc.Arbitrary<Program> = fc
  .record({
    opset: fc.constantFrom<Opset>("ios15", "ios17", "ios18"),
    dtype: fc.constantFrom("fp16", "fp32", "int32"),
    shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    steps: fc.array(step, { minLength: 4, maxLength: 30 }),
  })
  .map(({ opset, dtype, shape, steps }) =>
    buildProgram({ opset }, (f) => {
      const values = [f.input("x", tensor(dtype, shape))];
      // Most steps continue from a recent value, so that chains come about.
      for (const [kind, back, choice] of steps) {
        const x = values[Math.max(0, values.length - 1 - back)]!;
        values.push(...attempt(f, STEPS[kind]!, x, choice));
      }
      // Several, so that little of what a pass does wrong stays unseen.
      const [last, other, third] = values.toReversed();
      const middle = values[Math.floor(values.length / 2)]!;
      return { last: last!, middle, other: other ?? middle, third: third ?? middle };
    }),
  );
