import { describe, expect, test } from "vitest";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type TensorType,
  tensor,
  type Value,
} from "../../src/index.js";

type Body = (f: FunctionBuilder, ...inputs: Value[]) => Value;

/** Runs a body on tensors [shape, elements] as the engine does. */
function run(body: Body, ...given: (readonly [readonly number[] | TensorType, number[]])[]) {
  const types = given.map(([shape]) => ("kind" in shape ? shape : tensor("fp16", shape)));
  const program = buildProgram({}, (f) => ({
    out: body(f, ...types.map((type, index) => f.input(`x${index}`, type))),
  }));
  const inputs = Object.fromEntries(
    given.map(([, data], index) => [`x${index}`, { type: types[index]!, data }]),
  );
  return [...interpret(program, inputs, { numerics: "ane" }).out!.data];
}

/** The sum of products of two vectors in each op that has the multiply-accumulate unit. */
const DOT: Readonly<Record<string, (x: number[], w: number[]) => number>> = {
  matmul: (x, w) =>
    run((f, a, b) => f.matmul({ x: a!, y: b! }), [[1, x.length], x], [[w.length, 1], w])[0]!,
  "matmul, transposed": (x, w) =>
    run(
      (f, a, b) => f.matmul({ x: a!, y: b!, transpose_x: true, transpose_y: true }),
      [[x.length, 1], x],
      [[1, w.length], w],
    )[0]!,
  conv: (x, w) =>
    run(
      (f, a, b) => f.conv({ x: a!, weight: b! }),
      [[1, x.length, 1, 1], x],
      [[1, w.length, 1, 1], w],
    )[0]!,
  "conv along the width": (x, w) =>
    run(
      (f, a, b) => f.conv({ x: a!, weight: b! }),
      [[1, 1, 1, x.length], x],
      [[1, 1, 1, w.length], w],
    )[0]!,
  einsum: (x, w) =>
    run(
      (f, a, b) => f.einsum({ values: [a!, b!], equation: "nchw,nwhu->nchu" }),
      [[1, 1, 1, x.length], x],
      [[1, w.length, 1, 1], w],
    )[0]!,
};

describe.each(Object.entries(DOT))("the accumulator of %s", (_, dot) => {
  test("drops products whose exponents sum to -17 or less", () => {
    // 1.75·2^-8 · 1.75·2^-9 is 1.53 units of 2^-16, and still dropped.
    expect(dot([1.75 * 2 ** -8], [1.75 * 2 ** -9])).toBe(0);
    expect(dot([2 ** -8], [2 ** -8])).toBe(2 ** -16);
    expect(dot([-(2 ** -8)], [2 ** -8])).toBe(-(2 ** -16));
  });

  test("rounds each product to 2^-16, halves away from zero, before it is added", () => {
    expect(dot([1.5 * 2 ** -8], [2 ** -8])).toBe(2 ** -15);
    expect(dot([-1.5 * 2 ** -8], [2 ** -8])).toBe(-(2 ** -15));
    expect(dot([1.25 * 2 ** -8], [2 ** -8])).toBe(2 ** -16);
    // Four times 1.25 units: 4 and not 5.
    expect(dot(Array(4).fill(1.25 * 2 ** -8), Array(4).fill(2 ** -8))).toBe(2 ** -14);
  });

  test("counts a subnormal by its leading bit", () => {
    expect(dot([2 ** -24], [256])).toBe(2 ** -16);
    expect(dot([2 ** -24], [128])).toBe(0);
  });

  test("is infinite once it reaches 32768, whatever follows", () => {
    expect(dot([256], [128])).toBe(Infinity);
    expect(dot([256], [-128])).toBe(-Infinity);
    expect(dot([256, 1], [127, 255])).toBe(127 * 256 + 256);
    expect(dot([256, 256], [128, -128])).toBe(Infinity);
    expect(dot([256, 256, 256], [-128, 128, 128])).toBe(-Infinity);
    expect(dot([256, 256, 256], [100, -100, 100])).toBe(25600);
  });

  test("rounds the result to fp16, halves away from zero", () => {
    expect(dot([2048, 1], [1, 1])).toBe(2050);
    expect(dot([-2048, -1], [1, 1])).toBe(-2050);
    expect(dot([181], [181])).toBe(32768);
  });

  test("reads infinity and NaN as large numbers", () => {
    expect(dot([Infinity], [2 ** -4])).toBe(4096);
    expect(dot([-Infinity], [2 ** -4])).toBe(-4096);
    expect(dot([Number.NaN], [2 ** -4])).toBe(6144);
    expect(dot([Infinity], [0])).toBe(0);
    expect(dot([Infinity], [1])).toBe(Infinity);
  });

  test("never gives -0", () => {
    expect(dot([-0], [1])).toBe(0);
    expect(dot([-(2 ** -20)], [2 ** -20])).toBe(0);
  });
});

describe("the bias", () => {
  const biased = (bias: number, x: number) => [
    run(
      (f, a) => f.linear({ x: a!, weight: matrix(f, [1, 1], 128), bias: matrix(f, [1], bias) }),
      [[1, 1], [x]],
    )[0]!,
    run(
      (f, a) => f.conv({ x: a!, weight: matrix(f, [1, 1, 1, 1], 128), bias: matrix(f, [1], bias) }),
      [[1, 1, 1, 1], [x]],
    )[0]!,
    run(
      (f, a) =>
        f.conv_transpose({
          x: a!,
          weight: matrix(f, [1, 1, 1, 1], 128),
          bias: matrix(f, [1], bias),
        }),
      [[1, 1, 1, 1], [x]],
    )[0]!,
  ];
  function matrix(f: FunctionBuilder, shape: readonly number[], value: number): Value {
    return f.constant("c", tensor("fp16", shape), [value]);
  }

  test("is where the sum begins, so it may make it infinite", () => {
    expect(biased(32768, -255)).toEqual([Infinity, Infinity, Infinity]);
    expect(biased(1.5, 1)).toEqual([129.5, 129.5, 129.5]);
  });

  test("is rounded to 2^-16, halves away from zero", () => {
    expect(biased(2 ** -17, 0)).toEqual([2 ** -16, 2 ** -16, 2 ** -16]);
    expect(biased(2 ** -18, 0)).toEqual([0, 0, 0]);
  });
});

describe("elementwise ops", () => {
  const add = (x: number, y: number) =>
    run((f, a, b) => f.add({ x: a!, y: b! }), [[1], [x]], [[1], [y]])[0]!;
  const mul = (x: number, y: number) =>
    run((f, a, b) => f.mul({ x: a!, y: b! }), [[1], [x]], [[1], [y]])[0]!;

  test("have the whole range of fp16, with subnormals", () => {
    expect(mul(256, 128)).toBe(32768);
    expect(add(65504, 0)).toBe(65504);
    expect(mul(256, 256)).toBe(Infinity);
    expect(mul(2 ** -12, 2 ** -12)).toBe(2 ** -24);
  });

  test("round halves away from zero", () => {
    expect(add(2048, 1)).toBe(2050);
    expect(add(-2048, -1)).toBe(-2050);
    expect(mul(2 ** -24, 0.5)).toBe(2 ** -24);
  });

  test("read NaN as infinity", () => {
    expect(add(Number.NaN, 1)).toBe(Infinity);
    expect(mul(Number.NaN, -2)).toBe(-Infinity);
  });

  test("exp, sqrt, rsqrt and inverse are correctly rounded", () => {
    const of = (body: Body, x: number) => run(body, [[1], [x]])[0];
    expect(of((f, x) => f.exp({ x: x! }), 1)).toBe(2.71875);
    expect(of((f, x) => f.sqrt({ x: x! }), 2)).toBe(1.4140625);
    expect(of((f, x) => f.rsqrt({ x: x!, epsilon: 0 }), 2)).toBe(0.70703125);
    expect(of((f, x) => f.inverse({ x: x!, epsilon: 0 }), 3)).toBe(0.333251953125);
  });
});

test("moving elements does not touch infinities, NaN and -0", () => {
  const data = [Infinity, Number.NaN, -0, 1];
  const moved = run((f, x) => f.transpose({ x: x!, perm: [1, 0] }), [[2, 2], data]);
  expect(moved).toEqual([Infinity, -0, Number.NaN, 1]);
});

test("fp32 tensors are fp16 too", () => {
  const single = tensor("fp32", [1]);
  expect(run((f, x) => f.mul({ x: x!, y: 1 }), [single, [1e5]])).toEqual([Infinity]);
  expect(run((f, x) => f.mul({ x: x!, y: 1 }), [single, [1 + 2 ** -11]])).toEqual([1]);
});

test("integer products are summed in 32 bits and end at their limits", () => {
  const vector = tensor("int32", [2]);
  const dot = (x: number[], y: number[]) =>
    run((f, a, b) => f.matmul({ x: a!, y: b! }), [vector, x], [vector, y])[0];
  expect(dot([127, -128], [127, 127])).toBe(-127);
  expect(dot([2 ** 30, 1], [1, -5])).toBe(2 ** 30 - 5);
  expect(dot([2 ** 16, 2 ** 16], [2 ** 15, -(2 ** 15)])).toBe(2 ** 31 - 1);
});

describe("products of expanded int8", () => {
  const column = tensor("int8", [3, 1]);
  const row = tensor("int8", [1, 3]);
  const product = (x: number[], w: number[], scale: number) =>
    run(
      (f, a, b) => {
        const factor = f.constant("factor", tensor("fp16", []), [scale]);
        const x = f.dequantize({ input: a!, scale: factor });
        return f.matmul({ x, y: f.dequantize({ input: b!, scale: factor }) });
      },
      [row, x],
      [column, w],
    )[0];

  test("are summed as integers: none is dropped, and 32768 is no limit", () => {
    // Each product is 2^-20, where the accumulator of fp16 would drop it.
    expect(product([1, 1, 1], [1, 1, 1], 2 ** -10)).toBe(3 * 2 ** -20);
    expect(product([127, 127, 1], [127, -127, 1], 16)).toBe(256);
    expect(product([127, 127, 127], [127, 127, 0], 1)).toBe(32256);
  });

  test("become fp16 only at the end", () => {
    // 101 · 0.333251953125² = 11.2167; with 33.3251953125 rounded to 33.3125 it would be 11.2109375.
    expect(product([100, 1, 0], [1, 1, 0], 1 / 3)).toBe(11.21875);
  });
});

describe("products have the shapes of their definitions", () => {
  const ramp = (length: number) => Array.from({ length }, (_, i) => (i % 7) - 3);
  const exact = (body: Body, ...given: (readonly [readonly number[], number[]])[]) => {
    const program = buildProgram({}, (f) => ({
      out: body(f, ...given.map(([shape], i) => f.input(`x${i}`, tensor("fp16", shape)))),
    }));
    const inputs = Object.fromEntries(
      given.map(([shape, data], i) => [`x${i}`, { type: tensor("fp16", shape), data }]),
    );
    return [...interpret(program, inputs, { numerics: "float64" }).out!.data].map((x) => x + 0);
  };

  test.each<[string, Body, ...(readonly number[])[]]>([
    ["matmul, batches broadcast", (f, x, y) => f.matmul({ x: x!, y: y! }), [2, 1, 3, 4], [5, 4, 2]],
    ["matmul of vectors", (f, x, y) => f.matmul({ x: x!, y: y! }), [4], [4]],
    [
      "einsum",
      (f, x, y) => f.einsum({ values: [x!, y!], equation: "nchw,nwhu->nchu" }),
      [2, 3, 4, 5],
      [1, 5, 4, 2],
    ],
    [
      "grouped, dilated, strided conv",
      (f, x, weight) =>
        f.conv({ x: x!, weight: weight!, groups: 2, strides: [2, 1], pad_type: "same" }),
      [2, 4, 5, 6],
      [6, 2, 3, 2],
    ],
    [
      "conv of rank 5",
      (f, x, weight) => f.conv({ x: x!, weight: weight! }),
      [1, 2, 3, 4, 5],
      [3, 2, 2, 2, 2],
    ],
  ])("%s", (_, body, ...shapes) => {
    const given = shapes.map((shape) => [shape, ramp(shape.reduce((a, b) => a * b, 1))] as const);
    expect(run(body, ...given)).toEqual(exact(body, ...given));
  });

  test("conv_transpose", () => {
    const body: Body = (f, x) => {
      const weight = f.constant("w", tensor("fp16", [4, 3, 2, 3]), ramp(72));
      return f.conv_transpose({
        x: x!,
        weight,
        groups: 2,
        strides: [2, 3],
        dilations: [2, 1],
        pad_type: "custom",
        pad: [1, 0, 0, 2],
      });
    };
    const given = [[1, 4, 3, 5], ramp(60)] as const;
    expect(run(body, [[...given[0]], given[1]])).toEqual(exact(body, [[...given[0]], given[1]]));
  });
});
