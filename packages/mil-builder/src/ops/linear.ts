/** Matrix products. Source: coremltools iOS15 and iOS17 linear.py. */
import { multiply, transposed } from "../evaluate/matrix.js";
import { broadcastTo } from "../evaluate/strided.js";
import { absent, flag, optional, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, NUMBERS } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import {
  dimsAgree,
  elementCount,
  formatShape,
  formatType,
  shapesAgree,
  tensor,
} from "../tensor-type.js";
import { einsum } from "./einsum.js";
import { broadcastShapes } from "./shape-rules.js";

const TYPES = {
  T: { domain: NUMBERS },
  U: { domain: NUMBERS, tiedTo: { variable: "T", before: "ios17" } },
} as const;

/** An operand as [...batch, rows, columns] after its transpose. */
interface Operand {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

/** A vector is a row on the left and a column on the right; only matrices can be transposed. */
function operand({ shape }: TensorType, transpose: boolean, side: "x" | "y"): Operand {
  if (shape.length === 1) {
    const length = shape[0]!;
    return side === "x"
      ? { batch: [], rows: 1, columns: length }
      : { batch: [], rows: length, columns: 1 };
  }
  const rows = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  const batch = shape.slice(0, -2);
  return transpose ? { batch, rows: columns, columns: rows } : { batch, rows, columns };
}

function checkOperand(
  name: string,
  { shape }: TensorType,
  transpose: boolean,
  scope: InferScope,
): void {
  if (shape.length === 0 || (shape.length === 1 && transpose)) {
    const rule = transpose ? `"${name}" can only be transposed as a matrix` : `"${name}" has a dim`;
    throw scope.error(rule, `rank ${transpose ? 2 : 1} or more`, `shape ${formatShape(shape)}`);
  }
}

/** From iOS17 on dtypes may differ if one operand is constant; the result has the other's dtype. */
function productDType(x: TensorType, y: TensorType, scope: InferScope) {
  if (x.dtype === y.dtype) return x.dtype;
  if (scope.isConstant("x") === scope.isConstant("y")) {
    throw scope.error(
      "operands of different dtypes need exactly one constant among them",
      "one const operand, or equal dtypes",
      `${formatType(x)} and ${formatType(y)}`,
    );
  }
  return scope.isConstant("x") ? y.dtype : x.dtype;
}

const matmul = defineOp({
  type: "matmul",
  summary: "matrix product over the last two dims, batch dims broadcast",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    y: tensorInput("U"),
    transpose_x: optional(flag(), false),
    transpose_y: optional(flag(), false),
  },
  infer: ({ x, y, transpose_x, transpose_y }, scope) => {
    checkOperand("x", x, transpose_x, scope);
    checkOperand("y", y, transpose_y, scope);
    const left = operand(x, transpose_x, "x");
    const right = operand(y, transpose_y, "y");
    if (!dimsAgree(left.columns, right.rows)) {
      throw scope.error(
        "columns of x must equal rows of y (after their transposes)",
        `${left.columns} rows of y`,
        `${right.rows}: x ${formatShape(x.shape)}${transpose_x ? "ᵀ" : ""} · y ${formatShape(y.shape)}${transpose_y ? "ᵀ" : ""}`,
      );
    }
    const shape = [...broadcastShapes(left.batch, right.batch, scope)];
    if (x.shape.length > 1) shape.push(left.rows);
    if (y.shape.length > 1) shape.push(right.columns);
    return tensor(productDType(x, y, scope), shape);
  },
  evaluate: ({ x, y, transpose_x, transpose_y }, [out]) => {
    const left = operand(x.type, transpose_x, "x");
    const right = operand(y.type, transpose_y, "y");
    const dims = { m: left.rows, n: right.columns, k: left.columns };
    const rank = Math.max(left.batch.length, right.batch.length);
    const batch = broadcastBatch(left.batch, right.batch, rank);
    const xBatches = batchIndices(left.batch, batch);
    const yBatches = batchIndices(right.batch, batch);
    for (let index = 0; index < xBatches.length; index++) {
      const xOffset = xBatches[index]! * dims.m * dims.k;
      const yOffset = yBatches[index]! * dims.k * dims.n;
      const a = transpose_x ? transposed(x.data, xOffset, dims.k, dims.m) : x.data;
      const b = transpose_y ? transposed(y.data, yOffset, dims.n, dims.k) : y.data;
      const outOffset = index * dims.m * dims.n;
      multiply(
        dims,
        a,
        transpose_x ? 0 : xOffset,
        b,
        transpose_y ? 0 : yOffset,
        out.data,
        outOffset,
      );
    }
  },
});

function broadcastBatch(a: readonly number[], b: readonly number[], rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1),
  );
}

/** For each matrix of the result, which matrix of the operand it uses. */
function batchIndices(own: readonly number[], batch: readonly number[]): Float64Array {
  const indices: Tensor = {
    type: tensor("int32", own),
    data: Float64Array.from({ length: elementCount(own) }, (_, index) => index),
  };
  return broadcastTo(indices, batch);
}

/** x · weightᵀ + bias. */
const linear = defineOp({
  type: "linear",
  summary: "x · weightᵀ + bias",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    weight: tensorInput("U", true),
    bias: absent(tensorInput("U", true), "0s"),
  },
  infer: ({ x, weight, bias }, scope) => {
    const inner = x.shape.at(-1);
    const [outputs, inputs] = weight.shape;
    if (inner === undefined) throw scope.error('"x" has a dim', "rank 1 or more", "a scalar");
    if (weight.shape.length !== 2 || !dimsAgree(inputs!, inner)) {
      const expected = `[outputs, ${inner}]`;
      throw scope.error(
        '"weight" must be [outputs, inputs of x]',
        expected,
        formatShape(weight.shape),
      );
    }
    if (bias !== undefined && !shapesAgree(bias.shape, [outputs!])) {
      throw scope.error(
        '"bias" must have one entry per output',
        `[${outputs}]`,
        formatShape(bias.shape),
      );
    }
    return tensor(x.dtype, [...x.shape.slice(0, -1), outputs!]);
  },
  evaluate: ({ x, weight, bias }, [out]) => {
    const [n, k] = weight.type.shape as [number, number];
    const m = x.data.length / k;
    multiply({ m, n, k }, x.data, 0, transposed(weight.data, 0, n, k), 0, out.data, 0);
    if (bias === undefined) return;
    for (let i = 0; i < out.data.length; i++) out.data[i] = out.data[i]! + bias.data[i % n]!;
  },
});

export const LINEAR_OPS = { einsum, linear, matmul } as const;
