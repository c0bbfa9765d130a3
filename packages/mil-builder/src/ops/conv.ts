/**
 * Convolution (cross-correlation: the kernel is not flipped) over 1 to 3 spatial dims.
 * x [N, Cin, ...], weight [Cout, Cin/groups, ...kernel], bias [Cout]. Source: coremltools iOS15 and iOS17 conv.py.
 */
import { choice, integer, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, sameShape, tensor } from "../tensor-type.js";
import { checkWindow, type WindowAxis, windowAxes } from "./window.js";

export const conv = defineOp({
  type: "conv",
  since: "ios15",
  types: {
    T: { domain: FLOATS },
    U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
  },
  inputs: {
    x: tensorInput("T"),
    weight: tensorInput("U"),
    bias: optional(tensorInput("U", { before: "ios17" })),
    strides: optional(integers()),
    pad_type: optional(choice(["valid", "custom", "same", "same_lower"]), "valid"),
    pad: optional(integers()),
    dilations: optional(integers()),
    groups: optional(integer(), 1),
  },
  infer: ({ x, weight, bias, strides, pad_type, pad, dilations, groups }, scope) => {
    checkChannels(x, weight, bias, groups, scope);
    if (pad_type === "same_lower" && !hasOpset(scope.opset, "ios16")) {
      throw scope.error('"same_lower" needs ios16', "ios16 or newer", scope.opset);
    }
    if (!scope.isConstant("weight") && dilations?.some((dilation) => dilation !== 1)) {
      const rule = "a weight that is not constant cannot be dilated";
      throw scope.error(rule, "dilations of 1", formatShape(dilations));
    }
    const spatial = x.shape.slice(2);
    const kernel = weight.shape.slice(2);
    const axes = checkWindow(
      { spatial, kernel, strides, dilations, padType: pad_type, pad },
      scope,
    );
    return tensor(x.dtype, [x.shape[0]!, weight.shape[0]!, ...axes.map((axis) => axis.output)]);
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
  if (groups < 1 || inputs % groups !== 0 || outputs % groups !== 0) {
    const actual = `groups ${groups} with Cin ${inputs}, Cout ${outputs}`;
    throw scope.error('"groups" must divide the channels', "a divisor of both", actual);
  }
  if (weight.shape[1] !== inputs / groups) {
    throw scope.error(
      "weight dim 1 must be the input channels of a group",
      `[Cout, ${inputs / groups}, ...]`,
      formatShape(weight.shape),
    );
  }
  if (bias !== undefined && !sameShape(bias.shape, [outputs])) {
    throw scope.error('"bias" must be [Cout]', `[${outputs}]`, formatShape(bias.shape));
  }
}

const UNIT_AXIS: WindowAxis = { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, before: 0 };

/** Lower-dimensional cases are given leading axes of one element, so that one loop nest serves all. */
function convolve(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  out: Tensor,
  groups: number,
  axes: readonly WindowAxis[],
): void {
  const [d, h, w] = [UNIT_AXIS, UNIT_AXIS, ...axes].slice(-3) as [
    WindowAxis,
    WindowAxis,
    WindowAxis,
  ];
  const [batch, inputs] = x.type.shape as [number, number];
  const outputs = weight.type.shape[0]!;
  const groupInputs = inputs / groups;
  const groupOutputs = outputs / groups;
  const inputSize = d.input * h.input * w.input;
  const outputSize = d.output * h.output * w.output;
  const taps = d.kernel * h.kernel * w.kernel;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const to = (n * outputs + o) * outputSize;
      out.data.fill(bias?.data[o] ?? 0, to, to + outputSize);
      const firstInput = n * inputs + Math.floor(o / groupOutputs) * groupInputs;
      for (let i = 0; i < groupInputs; i++) {
        const from = (firstInput + i) * inputSize;
        const kernel = (o * groupInputs + i) * taps;
        accumulatePlane(x.data, from, weight.data, kernel, out.data, to, d, h, w);
      }
    }
  }
}

/** Adds one input channel's contribution to one output channel: out += kernel ⋆ x. */
function accumulatePlane(
  x: Float64Array,
  from: number,
  weight: Float64Array,
  kernel: number,
  out: Float64Array,
  to: number,
  d: WindowAxis,
  h: WindowAxis,
  w: WindowAxis,
): void {
  let tap = kernel;
  for (let kd = 0; kd < d.kernel; kd++) {
    for (let kh = 0; kh < h.kernel; kh++) {
      for (let kw = 0; kw < w.kernel; kw++) {
        const factor = weight[tap++]!;
        for (let od = 0; od < d.output; od++) {
          const id = od * d.stride - d.before + kd * d.dilation;
          if (id < 0 || id >= d.input) continue;
          for (let oh = 0; oh < h.output; oh++) {
            const ih = oh * h.stride - h.before + kh * h.dilation;
            if (ih < 0 || ih >= h.input) continue;
            const row = from + (id * h.input + ih) * w.input;
            const target = to + (od * h.output + oh) * w.output;
            accumulateRow(x, row, factor, out, target, w, kw * w.dilation - w.before);
          }
        }
      }
    }
  }
}

/** out[i] += factor · x[i · stride + shift], where that lies inside the row. */
function accumulateRow(
  x: Float64Array,
  row: number,
  factor: number,
  out: Float64Array,
  target: number,
  { input, output, stride }: WindowAxis,
  shift: number,
): void {
  const first = Math.max(0, Math.ceil(-shift / stride));
  const end = Math.min(output, Math.floor((input - 1 - shift) / stride) + 1);
  for (let i = first; i < end; i++) {
    out[target + i] = out[target + i]! + factor * x[row + i * stride + shift]!;
  }
}
