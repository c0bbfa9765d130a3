/**
 * Gradients of matrix products. Y = X·Z: dX = dY·Zᵀ and dZ = Xᵀ·dY, the transposes as flags of matmul; batch dims that were
 * broadcast are summed.
 */
import { asDType } from "../autodiff/as-dtype.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { elementCount, sameShape } from "../tensor-type.js";
import { einsumGradient } from "./einsum-gradient.js";

const matmul: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  const { dtype } = cotangent.type;
  const [left, right] = [vjp.value("x"), vjp.value("y")];
  const x = asMatrix(f, asDType(f, left, dtype), 0);
  const y = asMatrix(f, asDType(f, right, dtype), -1);
  const dy = matrixOfResult(f, cotangent, left, right);
  const flags = { x: vjp.flag("transpose_x"), y: vjp.flag("transpose_y") };
  const back = (gradient: Value, operand: Value, matrix: Value) => {
    const summed = sumToShape(f, gradient, gradient.type.shape, matrix.type.shape);
    return reshapeTo(f, summed, operand.type.shape);
  };
  return {
    x: vjp.wants("x") ? back(leftGradient(f, dy, y, flags), left, x) : undefined,
    y: vjp.wants("y") ? back(rightGradient(f, dy, x, y, flags), right, y) : undefined,
  };
};

interface Flags {
  readonly x: boolean;
  readonly y: boolean;
}

function leftGradient(f: FunctionBuilder, dy: Value, y: Value, flags: Flags): Value {
  return flags.x
    ? f.matmul({ x: y, y: dy, transpose_x: flags.y, transpose_y: true })
    : f.matmul({ x: dy, y, transpose_x: false, transpose_y: !flags.y });
}

/** A right matrix that all batches share sums over them: their rows are one long matrix. */
function rightGradient(f: FunctionBuilder, dy: Value, x: Value, y: Value, flags: Flags): Value {
  const isShared = elementCount(y.type.shape.slice(0, -2)) === 1;
  const isWhole = sameShape(x.type.shape.slice(0, -2), dy.type.shape.slice(0, -2));
  const joins = isShared && isWhole && !flags.x && elementCount(x.type.shape.slice(0, -2)) > 1;
  const [left, right] = joins ? [rows(f, x), rows(f, dy)] : [x, dy];
  const product = flags.y
    ? f.matmul({ x: right, y: left, transpose_x: true, transpose_y: flags.x })
    : f.matmul({ x: left, y: right, transpose_x: !flags.x, transpose_y: false });
  return joins ? reshapeTo(f, product, y.type.shape) : product;
}

/** All rows of all matrices as one matrix. */
function rows(f: FunctionBuilder, value: Value): Value {
  const { shape } = value.type;
  return reshapeTo(f, value, [elementCount(shape.slice(0, -1)), shape.at(-1)!]);
}

/** A vector as a matrix of one row or column. */
function asMatrix(f: FunctionBuilder, value: Value, axis: number): Value {
  return value.type.shape.length > 1 ? value : f.expand_dims({ x: value, axes: [axis] });
}

/** The cotangent with the row or column that a vector operand took away. */
function matrixOfResult(f: FunctionBuilder, cotangent: Value, x: Value, y: Value): Value {
  const axes = [
    ...(x.type.shape.length === 1 ? [-2] : []),
    ...(y.type.shape.length === 1 ? [-1] : []),
  ];
  return axes.length === 0 ? cotangent : f.expand_dims({ x: cotangent, axes });
}

/** y = x·Wᵀ + b: dx = dy·W, dW = dyᵀ·x, db = Σ dy over all rows. */
const linear: VjpRule = (vjp) => {
  const { f, cotangent: dy } = vjp;
  return {
    x: vjp.wants("x")
      ? f.matmul({ x: dy, y: vjp.value("weight"), transpose_x: false, transpose_y: false })
      : undefined,
    weight: vjp.wants("weight") ? weightGradient(vjp) : undefined,
    bias: vjp.wants("bias")
      ? sumToShape(f, dy, dy.type.shape, vjp.value("bias").type.shape)
      : undefined,
  };
};

function weightGradient({ f, cotangent, value }: Vjp): Value {
  return f.matmul({
    x: rows(f, cotangent),
    y: rows(f, value("x")),
    transpose_x: true,
    transpose_y: false,
  });
}

export const LINEAR_GRADIENTS = { einsum: einsumGradient, linear, matmul } satisfies Rules;
