/**
 * Transposed convolution over 1 to 3 spatial dims. x [N, Cin, ...], weight [Cin, Cout/groups, ...kernel], bias [Cout].
 * Source: coremltools iOS15 and iOS17 conv.py.
 */
import { convolveTranspose } from "../evaluate/convolve-transpose.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import { absent, choice, integer, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";

import { checkVectors } from "./window.js";

export const convTranspose = defineOp({
  type: "conv_transpose",
  summary: "transposed convolution over 1 to 3 spatial dims, plus bias",
  since: "ios15",
  types: {
    T: { domain: FLOATS },
    U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
  },
  inputs: {
    x: tensorInput("T"),
    weight: tensorInput("U", { before: "ios17" }),
    bias: absent(tensorInput("U", { before: "ios17" }), "0s"),
    pad: absent(integers(), "0s"),
    output_shape: absent(integers(), "from the other parameters"),
    pad_type: optional(choice(["valid", "custom", "same"]), "valid"),
    strides: absent(integers(), "1s"),
    dilations: absent(integers(), "1s"),
    groups: optional(integer(), 1),
  },
  infer: (inputs, scope) => {
    const { x, weight, bias, groups, output_shape, pad, strides, dilations } = inputs;
    const outputs = weight.shape[1]! * groups;
    checkChannels(x, weight, bias, groups, scope);
    checkVectors({ spatial: x.shape.slice(2), strides, dilations, pad }, scope);
    const axes = transposedAxes(x.shape.slice(2), weight.shape.slice(2), inputs);
    const shape = [x.shape[0]!, outputs, ...axes.map((axis) => axis.output)];
    if (output_shape !== undefined && !shapesAgree(output_shape.slice(0, 2), shape.slice(0, 2))) {
      const rule = '"output_shape" must begin with batch and output channels';
      throw scope.error(rule, formatShape(shape), formatShape(output_shape));
    }
    if (shape.some((dim) => dim < 1)) {
      throw scope.error("padding must leave an output", "positive dims", formatShape(shape));
    }
    return tensor(x.dtype, shape);
  },
  evaluate: (inputs, [out]) => {
    const { x, weight, bias, groups } = inputs;
    const axes = transposedAxes(x.type.shape.slice(2), weight.type.shape.slice(2), inputs);
    convolveTranspose(x, weight, bias, out, groups, axes);
  },
});

interface Geometry {
  readonly pad: readonly number[] | undefined;
  readonly output_shape: readonly number[] | undefined;
  readonly pad_type: "valid" | "custom" | "same";
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
}

/** `before` is what is cut off the full result at its begin; the rest of it beyond `output` is cut off at the end. */
export function transposedAxes(
  spatial: readonly number[],
  kernels: readonly number[],
  { pad, output_shape, pad_type, strides, dilations }: Geometry,
): readonly WindowAxis[] {
  return spatial.map((input, axis) => {
    const kernel = kernels[axis]!;
    const stride = strides?.[axis] ?? 1;
    const dilation = dilations?.[axis] ?? 1;
    const full = (input - 1) * stride + (kernel - 1) * dilation + 1;
    const custom = pad_type === "custom";
    let before = custom ? (pad?.[2 * axis] ?? 0) : 0;
    const after = custom ? (pad?.[2 * axis + 1] ?? 0) : 0;
    let output = pad_type === "same" ? input * stride : full - before - after;
    output = output_shape?.[axis + 2] ?? output;
    if (pad_type === "same") before = Math.max(0, Math.floor((full - output) / 2));
    return { input, output, kernel, stride, dilation, before, after };
  });
}

function checkChannels(
  x: TensorType,
  weight: TensorType,
  bias: TensorType | undefined,
  groups: number,
  scope: InferScope,
): void {
  const rank = x.shape.length;
  if (rank < 3 || rank > 5 || weight.shape.length !== rank) {
    throw scope.error(
      '"x" must be [N, Cin, 1 to 3 dims] and "weight" of the same rank',
      "rank 3, 4 or 5",
      `${formatShape(x.shape)} and ${formatShape(weight.shape)}`,
    );
  }
  const inputs = x.shape[1]!;
  if (groups < 1 || inputs % groups > 0) {
    const actual = `groups ${groups} with Cin ${inputs}`;
    throw scope.error('"groups" must divide the channels', "a divisor of Cin", actual);
  }
  if (!dimsAgree(weight.shape[0]!, inputs)) {
    const rule = "weight dim 0 must be the input channels";
    throw scope.error(rule, `[${inputs}, Cout/groups, ...]`, formatShape(weight.shape));
  }
  const outputs = weight.shape[1]! * groups;
  if (bias !== undefined && !shapesAgree(bias.shape, [outputs])) {
    throw scope.error('"bias" must be [Cout]', `[${outputs}]`, formatShape(bias.shape));
  }
}
