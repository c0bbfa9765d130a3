/** Ops that only move elements: the result must be the input's own bits, wherever a device decides to keep them. */
import { buildProgram, type FunctionBuilder, type Program, type Value } from "@ane/mil-builder";
import { describe } from "vitest";
import { caseOf, expectReference, type Subject, surfaceType } from "./subject.js";

type Body = (f: FunctionBuilder, x: Value) => Value;

/** x [1, 24, 1, 32] */
function programOf(body: Body): Program {
  return buildProgram({}, (f) => ({ out: body(f, f.input("x", surfaceType("fp16", 24, 32))) }));
}

const HEADS = [1, 4, 6, 32];

const BODIES: Readonly<Record<string, Body>> = {
  identity: (f, x) => f.identity({ x }),
  "reshape channels to width": (f, x) => f.reshape({ x, shape: [1, 12, 1, 64] }),
  "transpose channels and width": (f, x) => f.transpose({ x, perm: [0, 3, 2, 1] }),
  "heads there and back": (f, x) => {
    const heads = f.transpose({ x: f.reshape({ x, shape: HEADS }), perm: [0, 1, 3, 2] });
    return f.reshape({ x: heads, shape: [1, 4, 1, 192] });
  },
  "pairs of transposed heads": (f, x) => {
    const heads = f.transpose({ x: f.reshape({ x, shape: HEADS }), perm: [0, 1, 3, 2] });
    const pairs = f.reshape({ x: heads, shape: [1, 4, 96, 2] });
    const odd = f.slice_by_size({ x: pairs, begin: [0, 0, 0, 1], size: [1, 4, 96, 1] });
    const even = f.slice_by_size({ x: pairs, begin: [0, 0, 0, 0], size: [1, 4, 96, 1] });
    const swapped = f.concat({ values: [odd, even], axis: 3, interleave: false });
    return f.reshape({ x: swapped, shape: [1, 24, 1, 32] });
  },
  "slice of channels": (f, x) => f.slice_by_size({ x, begin: [0, 5, 0, 0], size: [1, 7, 1, 32] }),
  "slice of columns": (f, x) => f.slice_by_size({ x, begin: [0, 0, 0, 3], size: [-1, -1, -1, 20] }),
  "every second column": (f, x) =>
    f.slice_by_index({ x, begin: [0, 0, 0, 1], end: [1, 24, 1, 32], stride: [1, 1, 1, 2] }),
  "columns backwards": (f, x) =>
    f.slice_by_index({
      x,
      begin: [0, 0, 0, -1],
      end: [1, 24, 1, 0],
      stride: [1, 1, 1, -1],
      end_mask: [false, false, false, true],
    }),
  "one channel squeezed out": (f, x) => {
    const row = f.slice_by_index({
      x,
      begin: [0, -2, 0, 0],
      end: [0, 0, 1, 32],
      squeeze_mask: [false, true, false, false],
      begin_mask: [true, false, false, false],
      end_mask: [true, false, false, false],
    });
    return f.expand_dims({ x: row, axes: [0] });
  },
  "squeeze and expand": (f, x) =>
    f.expand_dims({ x: f.squeeze({ x, axes: [0, 2] }), axes: [0, 1] }),
  "split joined the other way round": (f, x) => {
    const [a, b, c] = f.split({ x, axis: 1, num_splits: 3 });
    return f.concat({ values: [c!, a!, b!], axis: 1 });
  },
  "split into unequal parts": (f, x) => {
    const [a, b] = f.split({ x, axis: -1, split_sizes: [10, 22] });
    return f.concat({ values: [b!, a!], axis: 3 });
  },
  "concat of one value with itself": (f, x) => f.concat({ values: [x, x, x], axis: 1 }),
  "concat interleaved": (f, x) => {
    const [a, b] = f.split({ x, axis: 1, num_splits: 2 });
    return f.concat({ values: [b!, a!], axis: 1, interleave: true });
  },
  "concat of concats": (f, x) => {
    const twice = f.mul({ x, y: 2 });
    const inner = f.concat({ values: [twice, x], axis: 1 });
    return f.concat({ values: [inner, f.add({ x: twice, y: 1 }), inner], axis: 1 });
  },
  "concat with a constant": (f, x) => {
    const ones = f.constant("ones", { ...x.type, shape: [1, 1, 1, 32] }, new Array(32).fill(1));
    return f.concat({ values: [ones, f.mul({ x, y: -1 }), ones], axis: 1 });
  },
  "repeated heads": (f, x) => {
    const heads = f.reshape({ x: f.mul({ x, y: 3 }), shape: HEADS });
    const groups = f.concat({ values: [heads, heads], axis: 2 });
    return f.reshape({ x: groups, shape: [1, 48, 1, 32] });
  },
  "sum over members of groups": (f, x) => {
    const groups = f.reshape({ x: f.mul({ x, y: 3 }), shape: [1, 4, 6, 32] });
    const member = (index: number) =>
      f.slice_by_size({ x: groups, begin: [0, 0, 3 * index, 0], size: [1, 4, 3, 32] });
    return f.reshape({ x: f.add({ x: member(0), y: member(1) }), shape: [1, 12, 1, 32] });
  },
  "elementwise behind a transpose": (f, x) => {
    const rows = f.transpose({ x: f.mul({ x, y: 2 }), perm: [0, 3, 2, 1] });
    const gains = f.constant(
      "gains",
      { ...x.type, shape: [1, 32, 1, 1] },
      Array.from({ length: 32 }, (_, i) => i),
    );
    return f.transpose({ x: f.mul({ x: rows, y: gains }), perm: [0, 3, 2, 1] });
  },
  "sum of dims that are split in different ways": (f, x) => {
    const [a, b] = splitDifferently(f, x);
    return f.add({ x: f.mul({ x: a, y: 2 }), y: b });
  },
  "concat of dims that are split in different ways": (f, x) => {
    const [a, b] = splitDifferently(f, x);
    return f.concat({ values: [a, b], axis: 2 });
  },
  "maxima of dims that are split in different ways": (f, x) => {
    const [a, b] = splitDifferently(f, x);
    return f.sub({ x: a, y: f.reduce_max({ x: b, axes: [1], keep_dims: true }) });
  },
  "constants alone": (f, x) => {
    const a = f.constant(
      "a",
      { ...x.type, shape: [1, 2, 1, 32] },
      Array.from({ length: 64 }, (_, i) => i / 4),
    );
    const b = f.transpose({
      x: f.reshape({ x: f.square({ x: a }), shape: [1, 1, 32, 2] }),
      perm: [0, 3, 1, 2],
    });
    return f.concat({ values: [b, x], axis: 1 });
  },
  "fp32 inside": (f, x) => {
    const wide = f.cast({ x, dtype: "fp32" });
    const sum = f.add({ x: f.mul({ x: wide, y: wide }), y: wide });
    return f.add({ x: f.cast({ x: sum, dtype: "fp16" }), y: x });
  },
  "booleans and integers inside": (f, x) => {
    const positive = f.greater({ x, y: 0 });
    const count = f.cast({ x: f.reshape({ x: positive, shape: [1, 12, 1, 64] }), dtype: "int32" });
    const chosen = f.select({ cond: positive, a: x, b: f.mul({ x, y: 0.5 }) });
    const halves = f.reshape({ x: f.cast({ x: count, dtype: "fp16" }), shape: [1, 24, 1, 32] });
    return f.add({ x: chosen, y: halves });
  },
};

/** Two permutations of x [1, 24, 1, 32] that no common loop nest visits: the channels are 8 x 3 and 3 x 8. */
function splitDifferently(f: FunctionBuilder, x: Value): [Value, Value] {
  const permuted = (outer: number, inner: number) => {
    const split = f.reshape({ x, shape: [outer, inner, 32, 1] });
    const swapped = f.transpose({ x: split, perm: [1, 0, 2, 3] });
    return f.reshape({ x: swapped, shape: [1, 24, 1, 32] });
  };
  return [permuted(3, 8), permuted(8, 3)];
}

export function shapeCases(subject: Subject): void {
  describe(`${subject.name}: shapes`, () => {
    for (const [name, body] of Object.entries(BODIES)) {
      caseOf(subject, name, () => expectReference(subject, programOf(body)));
    }
    caseOf(subject, "two outputs, one of them an intermediate value of the other", () => {
      const program = buildProgram({}, (f) => {
        const x = f.input("x", surfaceType("fp16", 24, 32));
        const first = f.mul({ x, y: 3 });
        return { first, second: f.add({ x: first, y: x }), third: x };
      });
      expectReference(subject, program);
    });
    caseOf(subject, "two inputs of different widths", () => {
      const program = buildProgram({}, (f) => {
        const x = f.input("x", surfaceType("fp16", 4, 40));
        const y = f.input("y", surfaceType("fp16", 4, 7));
        return { out: f.concat({ values: [f.mul({ x, y: 2 }), y], axis: 3 }) };
      });
      expectReference(subject, program);
    });
  });
}
