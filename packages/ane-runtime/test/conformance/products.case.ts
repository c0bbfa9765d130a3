/** Matrix products: matmul in all its forms, linear, and convolutions that are products or not. */
import {
  buildProgram,
  type FunctionBuilder,
  type Program,
  tensor,
  toHalfArray,
  type Value,
  writeBlobFile,
} from "@ane/mil-builder";
import { describe } from "vitest";
import { normalHalves } from "../../src/selftest/numbers.js";
import { caseOf, expectReference, type Subject, surfaceType } from "./subject.js";

const ULPS = 2;

/** x [1, 24, 1, 32] */
function programOf(body: (f: FunctionBuilder, x: Value) => Value): Program {
  return buildProgram({}, (f) => ({ out: body(f, f.input("x", surfaceType("fp16", 24, 32))) }));
}

function reshape(f: FunctionBuilder, x: Value, shape: readonly number[]): Value {
  return f.reshape({ x, shape });
}

/** A constant of normally distributed halves. */
function weight(f: FunctionBuilder, name: string, shape: readonly number[], seed: number): Value {
  const count = shape.reduce((product, size) => product * size, 1);
  return f.constant(name, tensor("fp16", shape), normalHalves(count, seed));
}

type Matmul = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly tx?: boolean;
  readonly ty?: boolean;
};

/** Both operands are the 768 elements of x, seen in another shape (or a slice of them). */
const MATMULS: Readonly<Record<string, Matmul>> = {
  plain: { x: [24, 32], y: [32, 24] },
  "left transposed": { x: [32, 24], y: [32, 24], tx: true },
  "right transposed": { x: [24, 32], y: [24, 32], ty: true },
  "both transposed": { x: [32, 24], y: [24, 32], tx: true, ty: true },
  batch: { x: [1, 4, 24, 8], y: [1, 4, 8, 24] },
  "batch transposed": { x: [1, 4, 8, 24], y: [1, 4, 24, 8], tx: true, ty: true },
  "broadcast left": { x: [1, 1, 96, 8], y: [4, 1, 8, 24] },
  "broadcast right": { x: [3, 2, 16, 8], y: [8, 96] },
  "broadcast both": { x: [4, 1, 24, 8], y: [1, 3, 8, 32] },
  "row vector": { x: [768], y: [768, 1] },
  "vector and batch": { x: [4, 8, 24], y: [24] },
};

function matmulProgram({ x: left, y: right, tx = false, ty = false }: Matmul): Program {
  return programOf((f, x) => {
    const take = (shape: readonly number[]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const flat = reshape(f, x, [768]);
      const part =
        count === 768 ? flat : f.slice_by_size({ x: flat, begin: [768 - count], size: [count] });
      return reshape(f, part, shape);
    };
    const product = f.matmul({ x: take(left), y: take(right), transpose_x: tx, transpose_y: ty });
    const count = product.type.shape.reduce((all, size) => all * size, 1);
    return reshape(f, product, [1, 1, 1, count]);
  });
}

const CONVS: Readonly<Record<string, (f: FunctionBuilder, x: Value) => Value>> = {
  "1x1": (f, x) => f.conv({ x, weight: weight(f, "w", [10, 24, 1, 1], 3) }),
  "1x1 with bias": (f, x) =>
    f.conv({ x, weight: weight(f, "w", [10, 24, 1, 1], 3), bias: weight(f, "b", [10], 4) }),
  "1x1 with weights and bias of another dtype": (f, x) =>
    f.conv({
      x,
      weight: f.constant("w", tensor("fp32", [3, 24, 1, 1]), normalHalves(72, 15)),
      bias: f.constant("b", tensor("fp32", [3]), [0.1, 1000.3, -3e-5]),
    }),
  "1x1 in groups": (f, x) => f.conv({ x, weight: weight(f, "w", [6, 8, 1, 1], 5), groups: 3 }),
  "1x1 strided": (f, x) => f.conv({ x, weight: weight(f, "w", [5, 24, 1, 1], 6), strides: [1, 2] }),
  "1x1 on images of a batch": (f, x) =>
    reshape(
      f,
      f.conv({ x: reshape(f, x, [2, 3, 16, 8]), weight: weight(f, "w", [4, 3, 1, 1], 7) }),
      [1, 8, 16, 8],
    ),
  "1x1 custom padding": (f, x) =>
    f.conv({ x, weight: weight(f, "w", [4, 24, 1, 1], 8), pad_type: "custom", pad: [0, 0, 1, 2] }),
  "1x3 same": (f, x) => f.conv({ x, weight: weight(f, "w", [4, 24, 1, 3], 9), pad_type: "same" }),
  "depthwise 1x5": (f, x) => f.conv({ x, weight: weight(f, "w", [24, 1, 1, 5], 10), groups: 24 }),
};

export function productCases(subject: Subject): void {
  describe(`${subject.name}: products`, () => {
    for (const [name, matmul] of Object.entries(MATMULS)) {
      caseOf(subject, `matmul ${name}`, () => {
        expectReference(subject, matmulProgram(matmul), { ulps: ULPS });
      });
    }
    for (const [name, body] of Object.entries(CONVS)) {
      caseOf(subject, `conv ${name}`, () => {
        expectReference(subject, programOf(body), { ulps: ULPS });
      });
    }
    caseOf(subject, "linear with bias", () => {
      const program = programOf((f, x) => {
        const rows = reshape(f, x, [2, 12, 32]);
        const out = f.linear({
          x: rows,
          weight: weight(f, "w", [5, 32], 11),
          bias: weight(f, "b", [5], 12),
        });
        return reshape(f, out, [1, 2, 12, 5]);
      });
      expectReference(subject, program, { ulps: ULPS });
    });
    caseOf(subject, "weights from blob files, at two offsets of one file", () => {
      const [first, second] = [normalHalves(24 * 24, 13), normalHalves(24 * 24, 14)];
      const file = writeBlobFile([
        { dtype: "fp16", data: toHalfArray(first) },
        { dtype: "fp16", data: toHalfArray(second) },
      ]);
      const program = programOf((f, x) => {
        const type = tensor("fp16", [24, 24, 1, 1]);
        const hidden = f.conv({ x, weight: f.blob("w1", type, "@model_path/weights/w.bin", 64) });
        const offset = 64 + 64 + 24 * 24 * 2;
        return f.conv({
          x: hidden,
          weight: f.blob("w2", type, "@model_path/weights/w.bin", offset),
        });
      });
      const weights = new Map([["@model_path/weights/w.bin", file]]);
      expectReference(subject, program, { weights, ulps: ULPS });
    });
    caseOf(subject, "integer product on the reference evaluation", () => {
      const program = programOf((f, x) => {
        const whole = f.cast({
          x: f.round({ x: f.mul({ x: reshape(f, x, [24, 32]), y: 4 }) }),
          dtype: "int32",
        });
        const product = f.matmul({ x: whole, y: whole, transpose_y: true });
        return reshape(f, f.cast({ x: product, dtype: "fp16" }), [1, 24, 1, 24]);
      });
      expectReference(subject, program);
    });
  });
}
