/**
 * Gradients of transposed convolution: dx is the convolution of dy with the same weight, dW a product of x with the windows of
 * dy, db = Σ dy.
 */
import { optionalNumbers } from "../autodiff/optional-numbers.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { VjpRule } from "../autodiff/vjp.js";
import {
  channelSums,
  cutSpatial,
  productWithWindows,
  reachOf,
  windowColumns,
} from "../autodiff/windows.js";
import type { FunctionBuilder } from "../builder.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import type { Value } from "../program.js";
import { transposedAxes } from "./conv-transpose.js";

export const convTransposeGradient: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  const [x, weight, groups] = [vjp.value("x"), vjp.value("weight"), vjp.number("groups")];
  const own = transposedAxes(x.type.shape.slice(2), weight.type.shape.slice(2), {
    pad: optionalNumbers(vjp, "pad"),
    output_shape: optionalNumbers(vjp, "output_shape"),
    pad_type: vjp.text("pad_type") as "valid" | "custom" | "same",
    strides: optionalNumbers(vjp, "strides"),
    dilations: optionalNumbers(vjp, "dilations"),
  });
  const axes = own.map(asWindows);
  const bias = vjp.wants("bias") ? channelSums(f, cotangent) : undefined;
  const reads = axes.every(({ input }) => input > 0);
  if (!reads) return { x: undefined, weight: undefined, bias };
  const dy = cutSpatial(
    f,
    cotangent,
    axes.map(({ input }) => input),
  );
  return {
    x: vjp.wants("x") ? inputGradient(f, dy, weight, axes, groups) : undefined,
    weight: vjp.wants("weight")
      ? productWithWindows(f, x, windowColumns(f, dy, axes, groups), weight)
      : undefined,
    bias,
  };
};

/** The same axis as a convolution sees it, from the output to the input; outputs beyond all windows are left out. */
function asWindows(axis: WindowAxis): WindowAxis {
  const { input, output, stride, before } = axis;
  const full = (input - 1) * stride + reachOf(axis);
  const read = Math.min(output, full - before);
  return { ...axis, input: read, output: input, after: full - before - read };
}

/** A computed weight cannot be dilated by conv, but multiplied with the windows of dy. */
function inputGradient(
  f: FunctionBuilder,
  dy: Value,
  weight: Value,
  axes: readonly WindowAxis[],
  groups: number,
): Value {
  if (axes.some(({ dilation, kernel }) => dilation > 1 && kernel > 1)) {
    const columns = windowColumns(f, dy, axes, groups);
    const [batch, , depth] = columns.type.shape as [number, number, number];
    const inputs = weight.type.shape[0]!;
    const matrix = reshapeTo(f, weight, [1, groups, inputs / groups, depth]);
    const product = f.matmul({ x: matrix, y: columns, transpose_x: false, transpose_y: false });
    return reshapeTo(f, product, [batch, inputs, ...axes.map(({ output }) => output)]);
  }
  return f.conv({
    x: dy,
    weight,
    strides: axes.map(({ stride }) => stride),
    pad_type: "custom",
    pad: axes.flatMap(({ before, after }) => [before, after]),
    dilations: axes.map(() => 1),
    groups,
  });
}
