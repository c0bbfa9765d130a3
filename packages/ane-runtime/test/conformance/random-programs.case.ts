/** Random programs: chains of every family of ops on shapes that fit, on the device and on the interpreter. */
import { buildProgram, type FunctionBuilder, type Program, type Value } from "@ane/mil-builder";
import fc from "fast-check";
import { describe } from "vitest";
import { caseOf, expectReference, type Subject, surfaceType } from "./subject.js";

/** One random decision: which op, and numbers that it may use to choose operands and parameters. */
interface Choice {
  readonly op: number;
  readonly operands: readonly [number, number];
  readonly parameter: number;
}

const choices: fc.Arbitrary<Choice> = fc.record({
  op: fc.nat(1000),
  operands: fc.tuple(fc.nat(1000), fc.nat(1000)),
  parameter: fc.nat(1000),
});

interface Recipe {
  readonly dtype: "fp16" | "fp32";
  readonly channels: number;
  readonly width: number;
  readonly choices: readonly Choice[];
  readonly seed: number;
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  dtype: fc.constantFrom("fp16", "fp32"),
  channels: fc.constantFrom(4, 6, 8, 12),
  width: fc.constantFrom(4, 6, 16, 32),
  choices: fc.array(choices, { minLength: 2, maxLength: 14 }),
  seed: fc.nat(1000),
});

type Maker = (f: FunctionBuilder, x: Value, y: Value, parameter: number) => Value | undefined;

const dtypeOf = (x: Value) => x.type.dtype as "fp16" | "fp32";
const sameShape = (x: Value, y: Value) => String(x.type.shape) === String(y.type.shape);

/** Ops whose results are the same bits on every device. */
const EXACT: readonly Maker[] = [
  (f, x, y) => (sameShape(x, y) ? f.add({ x, y }) : undefined),
  (f, x, y) =>
    sameShape(x, y)
      ? f.mul({ x, y: f.maximum({ x: f.minimum({ x: y, y: 2 }), y: -2 }) })
      : undefined,
  (f, x, y) => (sameShape(x, y) ? f.sub({ x, y }) : undefined),
  (f, x) => f.mul({ x, y: 0.75 }),
  (f, x) => f.relu({ x }),
  (f, x, y) => f.sub({ x, y: f.reduce_max({ x: y, axes: [0, 1, 2, 3], keep_dims: true }) }),
  (f, x, _, parameter) =>
    f.sub({ x, y: f.reduce_max({ x, axes: [parameter % 4], keep_dims: true }) }),
  (f, x, _, parameter) => f.transpose({ x, perm: PERMUTATIONS[parameter % PERMUTATIONS.length]! }),
  (f, x, _, parameter) => f.reshape({ x, shape: regrouped(x.type.shape, parameter) }),
  (f, x, y, parameter) => joined(f, x, y, parameter),
  (f, x, _, parameter) => sliced(f, x, parameter),
  (f, x, _, parameter) => {
    const axis = parameter % 4;
    return x.type.shape[axis]! <= 16 ? f.concat({ values: [x, x], axis }) : undefined;
  },
  (f, x) => f.cast({ x: f.cast({ x, dtype: "fp32" }), dtype: dtypeOf(x) }),
  (f, x) => f.cast({ x: f.mul({ x: f.cast({ x, dtype: "fp32" }), y: 0.3 }), dtype: dtypeOf(x) }),
];

/** Where a small difference decides: only for operands that are the same bits everywhere. */
const DECISIONS: readonly Maker[] = [
  (f, x, y) => (sameShape(x, y) ? f.select({ cond: f.greater({ x, y }), a: x, b: y }) : undefined),
  (f, x) => f.round({ x: f.mul({ x, y: 3 }) }),
  (f, x) => f.cast({ x: f.mul({ x: f.cast({ x, dtype: "fp16" }), y: 0.3 }), dtype: dtypeOf(x) }),
];

const PERMUTATIONS = [
  [0, 1, 3, 2],
  [0, 3, 2, 1],
  [1, 0, 2, 3],
  [3, 1, 0, 2],
  [2, 3, 0, 1],
];

/** Ops with sums or functions that a device may round to a neighbour. */
const ROUNDED: readonly Maker[] = [
  (f, x, _, parameter) => f.softmax({ x, axis: parameter % 4 }),
  (f, x, _, parameter) => f.reduce_mean({ x, axes: [parameter % 4], keep_dims: true }),
  (f, x) => f.sigmoid({ x }),
  (f, x) => {
    const inner = x.type.shape[3]!;
    return f.mul({ x: f.matmul({ x, y: x, transpose_y: true }), y: 1 / inner });
  },
  (f, x, y) => {
    const [a, b] = [x.type.shape, y.type.shape];
    const fits = a[3] === b[2] && a[0] === b[0] && a[1] === b[1];
    return fits ? f.mul({ x: f.matmul({ x, y }), y: 1 / a[3]! }) : undefined;
  },
];

/** Moves a factor of 2 or 3 from one dim to another. */
function regrouped(shape: readonly number[], parameter: number): number[] {
  const result = [...shape];
  const from = parameter % 4;
  const to = (parameter >> 2) % 4;
  const factor = [2, 3, 4].find((size) => result[from]! % size === 0) ?? 1;
  result[from]! /= factor;
  result[to]! *= factor;
  return result;
}

function joined(f: FunctionBuilder, x: Value, y: Value, parameter: number): Value | undefined {
  const axis = parameter % 4;
  const fits = x.type.shape.every((size, i) => i === axis || size === y.type.shape[i]);
  const interleave = sameShape(x, y) && parameter % 3 === 0;
  return fits ? f.concat({ values: [y, x], axis, interleave }) : undefined;
}

function sliced(f: FunctionBuilder, x: Value, parameter: number): Value {
  const axis = parameter % 4;
  const half = Math.ceil(x.type.shape[axis]! / 2);
  const begin = x.type.shape.map((size, i) => (i === axis ? size - half : 0));
  return f.slice_by_size({
    x,
    begin,
    size: x.type.shape.map((size, i) => (i === axis ? half : size)),
  });
}

/** A program that the recipe describes; the last few values are its outputs. */
function programOf(
  { dtype, channels, width, choices: steps }: Recipe,
  makers: readonly Maker[],
): Program {
  return buildProgram({}, (f) => {
    const values: Value[] = [
      f.input("x", surfaceType(dtype, channels, width)),
      f.input("y", surfaceType(dtype, channels, width)),
    ];
    for (const { op, operands, parameter } of steps) {
      const [x, y] = operands.map((index) => values[values.length - 1 - (index % values.length)]!);
      const made = makers[op % makers.length]!(f, x!, y!, parameter);
      if (made?.type.shape.every((size) => size <= 512)) values.push(made);
    }
    const outputs = values.slice(-3);
    return Object.fromEntries(outputs.map((value, index) => [`out${index}`, value]));
  });
}

export function randomProgramCases(subject: Subject, runs = 150): void {
  describe(`${subject.name}: random programs`, () => {
    caseOf(subject, "of exact ops give the same bits", () => {
      fc.assert(
        fc.property(recipes, (recipe) => {
          expectReference(subject, programOf(recipe, [...EXACT, ...DECISIONS]), {
            seed: recipe.seed,
          });
        }),
        { numRuns: runs },
      );
    });
    caseOf(subject, "of all ops agree closely", () => {
      fc.assert(
        fc.property(recipes, (recipe) => {
          const program = programOf(recipe, [...EXACT, ...ROUNDED]);
          expectReference(subject, program, { seed: recipe.seed, ulps: 8 });
        }),
        { numRuns: runs },
      );
    });
  });
}
