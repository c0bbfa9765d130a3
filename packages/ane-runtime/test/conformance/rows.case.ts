/** Softmax and reductions along every axis, packed or not. */
import { buildProgram, type FunctionBuilder, type Program, type Value } from "@ane/mil-builder";
import { describe } from "vitest";
import { caseOf, expectReference, type Subject, surfaceType } from "./subject.js";

type Body = (f: FunctionBuilder, x: Value) => Value;

const ULPS = 1;

/** x [1, 6, 1, width] seen as [1, 2, 3, width] */
function programOf(width: number, body: Body): Program {
  return buildProgram({}, (f) => {
    const x = f.input("x", surfaceType("fp16", 6, width));
    const result = body(f, f.reshape({ x, shape: [1, 2, 3, width] }));
    const count = result.type.shape.reduce((product, size) => product * size, 1);
    return { out: f.reshape({ x: result, shape: [1, 1, 1, count] }) };
  });
}

const REDUCTIONS = [
  "reduce_sum",
  "reduce_mean",
  "reduce_max",
  "reduce_min",
  "reduce_sum_square",
] as const;
const AXES: readonly (readonly number[])[] = [[1], [2], [-1], [1, 2], [1, 3], [2, 3], [0, 1, 2, 3]];

const PATTERNS: Readonly<Record<string, Body>> = {
  "softmax of transposed": (f, x) =>
    f.softmax({ x: f.transpose({ x, perm: [0, 3, 1, 2] }), axis: 1 }),
  "softmax, then transposed": (f, x) =>
    f.transpose({ x: f.softmax({ x: f.mul({ x, y: 2 }), axis: -1 }), perm: [0, 1, 3, 2] }),
  "softmax of a masked row": (f, x) => {
    const mask = f.constant(
      "mask",
      { ...x.type, shape: [1, 1, 3, x.type.shape[3]!] },
      Array.from({ length: 3 * x.type.shape[3]! }, (_, i) => (i % 5 === 0 ? 0 : -65504)),
    );
    return f.softmax({ x: f.add({ x, y: mask }), axis: -1 });
  },
  "softmax of a slice": (f, x) => {
    const part = f.slice_by_size({ x, begin: [0, 0, 1, 2], size: [1, 2, 2, 10] });
    return f.softmax({ x: part, axis: -1 });
  },
  "mean square to inverse root": (f, x) => {
    const sum = f.reduce_sum({ x: f.mul({ x, y: x }), axes: [2], keep_dims: true });
    return f.mul({
      x,
      y: f.pow({ x: f.add({ x: f.mul({ x: sum, y: 0.25 }), y: 1e-3 }), y: -0.5 }),
    });
  },
  "reduction of a repeated dim": (f, x) =>
    f.reduce_sum({ x: f.concat({ values: [x, x], axis: 2 }), axes: [2], keep_dims: false }),
};

export function rowCases(subject: Subject): void {
  describe(`${subject.name}: rows`, () => {
    for (const width of [32, 21]) {
      for (const axis of [0, 1, 2, -1]) {
        caseOf(subject, `softmax along ${axis}, width ${width}`, () => {
          expectReference(
            subject,
            programOf(width, (f, x) => f.softmax({ x, axis })),
            { ulps: ULPS },
          );
        });
      }
      for (const op of REDUCTIONS) {
        caseOf(subject, `${op}, width ${width}`, () => {
          AXES.forEach((axes, index) => {
            const body: Body = (f, x) => f[op]({ x, axes, keep_dims: index % 2 === 0 });
            expectReference(subject, programOf(width, body), { ulps: ULPS, seed: index });
          });
        });
      }
      for (const [name, body] of Object.entries(PATTERNS)) {
        caseOf(subject, `${name}, width ${width}`, () => {
          expectReference(subject, programOf(width, body), { ulps: 2 });
        });
      }
    }
  });
}
