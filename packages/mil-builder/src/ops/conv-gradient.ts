/**
 * Gradients of convolution: dx spreads dy over the windows with the same weight (a transposed convolution), dW is a product of
 * dy with the windows of x, db = Σ dy. One tap of one element: dx is a 1×1 convolution with the transposed weight.
 */
import { optionalNumbers } from "../autodiff/optional-numbers.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import {
  addTaps,
  addWindows,
  channelSums,
  productWithWindows,
  windowColumns,
} from "../autodiff/windows.js";
import type { FunctionBuilder } from "../builder.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import { hasOpset } from "../opset.js";
import type { Value } from "../program.js";
import { elementCount } from "../tensor-type.js";
import { convTransposeGradient } from "./conv-transpose-gradient.js";
import { type PadType, windowAxes } from "./window.js";

const conv: VjpRule = (vjp) => {
  const { f, cotangent: dy } = vjp;
  const [x, weight, groups] = [vjp.value("x"), vjp.value("weight"), vjp.number("groups")];
  const axes = convAxes(vjp, x, weight);
  const isPointwise = groups === 1 && axes.every(isPoint);
  return {
    x: vjp.wants("x")
      ? isPointwise
        ? pointwiseGradient(f, dy, weight)
        : windowsGradient(f, dy, weight, axes, groups)
      : undefined,
    weight: vjp.wants("weight")
      ? productWithWindows(f, dy, windowColumns(f, x, axes, groups), weight)
      : undefined,
    bias: vjp.wants("bias") ? channelSums(f, dy) : undefined,
  };
};

function convAxes(vjp: Vjp, x: Value, weight: Value): readonly WindowAxis[] {
  return windowAxes({
    spatial: x.type.shape.slice(2),
    kernel: weight.type.shape.slice(2),
    strides: optionalNumbers(vjp, "strides"),
    dilations: optionalNumbers(vjp, "dilations"),
    padType: vjp.text("pad_type") as PadType,
    pad: optionalNumbers(vjp, "pad"),
  });
}

/** Every output is made of the one input at its place. */
function isPoint({ kernel, stride, input, output, before }: WindowAxis): boolean {
  return kernel === 1 && input === output && before === 0 && (stride === 1 || output === 1);
}

/** dx = Wᵀ·dy */
function pointwiseGradient(f: FunctionBuilder, dy: Value, weight: Value): Value {
  const spatial = dy.type.shape.slice(2);
  const perm = [1, 0, ...spatial.map((_, axis) => axis + 2)];
  return f.conv({
    x: dy,
    weight: f.transpose({ x: weight, perm }),
    strides: spatial.map(() => 1),
    pad_type: "valid",
    pad: spatial.flatMap(() => [0, 0]),
    dilations: spatial.map(() => 1),
    groups: 1,
  });
}

/** Before ios17 the weight of conv_transpose is a constant; the products with each tap are then added up by one of 0s and 1s. */
function windowsGradient(
  f: FunctionBuilder,
  dy: Value,
  weight: Value,
  axes: readonly WindowAxis[],
  groups: number,
): Value {
  if (hasOpset(f.opset, "ios17")) return addWindows(f, dy, weight, axes, groups);
  const [batch, outputs, ...output] = dy.type.shape as [number, number, ...number[]];
  const inputs = weight.type.shape[1]!;
  const taps = elementCount(weight.type.shape.slice(2));
  const matrices = reshapeTo(f, weight, [1, groups, outputs / groups, inputs * taps]);
  const rows = reshapeTo(f, dy, [batch, groups, outputs / groups, elementCount(output)]);
  const products = f.matmul({ x: matrices, y: rows, transpose_x: true, transpose_y: false });
  const planes = batch * groups * inputs;
  const sums = addTaps(f, reshapeTo(f, products, [planes, taps, ...output]), axes);
  return reshapeTo(f, sums, [batch, groups * inputs, ...axes.map(({ input }) => input)]);
}

export const CONVOLUTION_GRADIENTS = {
  conv,
  conv_quantized: {
    refused: "its weight is packed in a way that coremltools does not document",
    advice: "Use conv with a weight of a constexpr op",
  },
  conv_transpose: convTransposeGradient,
} satisfies Rules;
