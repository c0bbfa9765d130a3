/**
 * Convolution (cross-correlation: the kernel is not flipped) over 1 to 3 spatial dims.
 * x [N, Cin, ...], weight [Cout, Cin/groups, ...kernel], bias [Cout]. Source: coremltools iOS15 and iOS17 conv.py.
 */
import { convolve } from "../evaluate/convolve.js";
import { absent, choice, integer, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";
import { convTranspose } from "./conv-transpose.js";

import { checkWindow, PAD_TYPES, windowAxes } from "./window.js";

const conv = defineOp({
  type: "conv",
  summary: "cross-correlation over 1 to 3 spatial dims, plus bias",
  since: "ios15",
  types: {
    T: { domain: FLOATS },
    U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
  },
  inputs: {
    x: tensorInput("T"),
    weight: tensorInput("U"),
    bias: absent(tensorInput("U", { before: "ios17" }), "0s"),
    strides: absent(integers(), "1s"),
    pad_type: optional(choice(PAD_TYPES), "valid"),
    pad: absent(integers(), "0s"),
    dilations: absent(integers(), "1s"),
    groups: optional(integer(), 1),
  },
  infer: (inputs, scope) => {
    const { weight, dilations } = inputs;
    if (!scope.isConstant("weight") && dilations?.some((dilation) => dilation !== 1)) {
      const rule = "a weight that is not constant cannot be dilated";
      throw scope.error(rule, "dilations of 1", formatShape(dilations));
    }
    return inferConv(inputs, weight, scope);
  },
  evaluate: ({ x, weight, bias, strides, pad_type, pad, dilations, groups }, [out]) => {
    const axes = windowAxes({
      spatial: x.type.shape.slice(2),
      kernel: weight.type.shape.slice(2),
      strides,
      dilations,
      padType: pad_type,
      pad,
    });
    convolve(x, weight, bias, out, groups, axes);
  },
});

const convQuantized = defineOp({
  type: "conv_quantized",
  summary: "conv with a weight of at most 8 bits, W = scale · Wq + bias or a table of values",
  since: "ios15",
  types: { T: { domain: FLOATS }, U: { domain: ["uint8"] } },
  inputs: {
    x: tensorInput("T"),
    weight: tensorInput("U"),
    bias: absent(tensorInput("U", true), "0s"),
    quantization_type: choice(["linear", "lut"]),
    nbits: optional(integer(), 8),
    quant_scale: tensorInput("T", true),
    quant_bias: tensorInput("T", true),
    strides: absent(integers(), "1s"),
    pad_type: optional(choice(PAD_TYPES), "valid"),
    pad: absent(integers(), "0s"),
    dilations: absent(integers(), "1s"),
    groups: optional(integer(), 1),
  },
  infer: (inputs, scope) => inferConv(inputs, inputs.weight, scope),
  refused: "coremltools calls the op experimental and does not say how its weight is packed",
});

interface ConvInputs {
  readonly x: TensorType;
  readonly bias: TensorType | undefined;
  readonly strides: readonly number[] | undefined;
  readonly pad_type: (typeof PAD_TYPES)[number];
  readonly pad: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly groups: number;
}

function inferConv(
  { x, bias, strides, pad_type, pad, dilations, groups }: ConvInputs,
  weight: TensorType,
  scope: InferScope,
): TensorType {
  checkChannels(x, weight, bias, groups, scope);
  const spatial = x.shape.slice(2);
  const kernel = weight.shape.slice(2);
  const axes = checkWindow({ spatial, kernel, strides, dilations, padType: pad_type, pad }, scope);
  return tensor(x.dtype, [x.shape[0]!, weight.shape[0]!, ...axes.map((axis) => axis.output)]);
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
  const outputs = weight.shape[0]!;
  if (groups < 1 || inputs % groups > 0 || outputs % groups > 0) {
    const actual = `groups ${groups} with Cin ${inputs}, Cout ${outputs}`;
    throw scope.error('"groups" must divide the channels', "a divisor of both", actual);
  }
  if (!dimsAgree(weight.shape[1]!, inputs / groups)) {
    throw scope.error(
      "weight dim 1 must be the input channels of a group",
      `[Cout, ${inputs / groups}, ...]`,
      formatShape(weight.shape),
    );
  }
  if (bias !== undefined && !shapesAgree(bias.shape, [outputs])) {
    throw scope.error('"bias" must be [Cout]', `[${outputs}]`, formatShape(bias.shape));
  }
}

export const CONVOLUTION_OPS = {
  conv,
  conv_quantized: convQuantized,
  conv_transpose: convTranspose,
} as const;
