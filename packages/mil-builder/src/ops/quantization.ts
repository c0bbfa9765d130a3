/**
 * Affine quantization to 8 bits at run time: scale and zero point are scalars, or vectors along `axis`. Source: coremltools
 * iOS17 quantization_ops.py.
 */
import { integerRange } from "../dtype.js";
import { axisIndex } from "../evaluate/axis-index.js";
import { roundHalfEven } from "../evaluate/round-half-even.js";
import { absent, choice, integer, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { formatShape, formatType, shapesAgree, tensor } from "../tensor-type.js";
import { positiveAxis } from "./shape-rules.js";

const BYTES = ["int8", "uint8"] as const;

const quantize = defineOp({
  type: "quantize",
  summary: "input / scale, rounded half to even, + zero_point, clipped to the range of 8 bits",
  since: "ios17",
  types: { SrcT: { domain: FLOATS }, DstT: { domain: BYTES } },
  inputs: {
    input: tensorInput("SrcT"),
    zero_point: absent(tensorInput("DstT", true), "0s"),
    scale: tensorInput("SrcT", true),
    axis: absent(integer(), "one scale for all"),
    output_dtype: choice(BYTES),
  },
  infer: ({ input, zero_point, scale, axis, output_dtype }, scope) => {
    checkParameters(input, scale, zero_point, axis, scope);
    if (zero_point !== undefined && zero_point.dtype !== output_dtype) {
      const rule = '"zero_point" must have the output dtype';
      throw scope.error(rule, output_dtype, zero_point.dtype);
    }
    return tensor(output_dtype, input.shape);
  },
  evaluate: ({ input, zero_point, scale, axis }, [out]) => {
    const range = integerRange(out.type.dtype);
    const [min, max] = [Number(range.min), Number(range.max)];
    const at = axisIndex(input.type.shape, axis, scale.data.length);
    for (let i = 0; i < out.data.length; i++) {
      const index = at(i);
      const steps = roundHalfEven(input.data[i]! / scale.data[index]!);
      const value = steps + (zero_point?.data[index] ?? 0);
      out.data[i] = Math.min(max, Math.max(min, value));
    }
  },
});

const dequantize = defineOp({
  type: "dequantize",
  summary: "scale · (input - zero_point)",
  since: "ios17",
  types: { SrcT: { domain: BYTES }, DstT: { domain: FLOATS } },
  inputs: {
    input: tensorInput("SrcT"),
    zero_point: absent(tensorInput("SrcT", true), "0s"),
    scale: tensorInput("DstT", true),
    axis: absent(integer(), "one scale for all"),
  },
  infer: ({ input, zero_point, scale, axis }, scope) => {
    checkParameters(input, scale, zero_point, axis, scope);
    return tensor(scale.dtype, input.shape);
  },
  evaluate: ({ input, zero_point, scale, axis }, [out]) => {
    const at = axisIndex(input.type.shape, axis, scale.data.length);
    for (let i = 0; i < out.data.length; i++) {
      const index = at(i);
      out.data[i] = scale.data[index]! * (input.data[i]! - (zero_point?.data[index] ?? 0));
    }
  },
});

function checkParameters(
  input: TensorType,
  scale: TensorType,
  zeroPoint: TensorType | undefined,
  axis: number | undefined,
  scope: InferScope,
): void {
  if (scale.shape.length > 1) {
    throw scope.error('"scale" must be a scalar or a vector', "rank 0 or 1", formatType(scale));
  }
  if (zeroPoint !== undefined && !shapesAgree(zeroPoint.shape, scale.shape)) {
    const rule = '"zero_point" must have the shape of "scale"';
    throw scope.error(rule, formatShape(scale.shape), formatShape(zeroPoint.shape));
  }
  if (scale.shape.length === 0) {
    if (axis === undefined) return;
    throw scope.error('"axis" goes with a vector as "scale"', "no axis", `${axis}`);
  }
  if (axis === undefined) {
    throw scope.error('a vector as "scale" needs an "axis"', "an axis", "none");
  }
  const along = positiveAxis("axis", axis, input.shape.length, scope);
  if (!shapesAgree(scale.shape, [input.shape[along]!])) {
    const rule = `"scale" must have one entry per index of dim ${along}`;
    throw scope.error(rule, `[${input.shape[along]}]`, formatShape(scale.shape));
  }
}

export const QUANTIZATION_OPS = { dequantize, quantize } as const;
