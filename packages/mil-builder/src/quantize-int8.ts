/**
 * Symmetric int8 quantization of weights for `constexpr_affine_dequantize`: w ≈ scale · q, q in -127..127, zero point 0.
 * scale = max |w| / 127 per tensor or per channel, rounded to its dtype first, so that q and the reported noise are those of
 * the scale that the program has; q = w / scale, ties to even, as the op `quantize` rounds.
 * Source: coremltools optimize/_utils.py (mode linear_symmetric).
 */
import { DTYPES } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { roundToDType } from "./float-format.js";
import { elementCount, formatShape } from "./tensor-type.js";

const LARGEST = 127;

/** How weights are quantized. */
export interface QuantizeInt8Options {
  /** One scale for all, or one per entry of `axis`. Default "channel". */
  readonly granularity?: "tensor" | "channel";
  /** The axis of the channels; from the end if negative. Default 0, the output channels of a conv weight. */
  readonly axis?: number;
  /** Dtype of the scale, and so of the dequantized weight. Default "fp16". */
  readonly scaleDtype?: "fp16" | "fp32";
}

/** What quantization did to the weights: dequantized minus given. */
export interface QuantizationNoise {
  readonly maxAbs: number;
  /** Root of the mean square. */
  readonly rms: number;
  /** 10·log10 of the weights' energy over the noise's; infinite if nothing was lost. */
  readonly snrDb: number;
}

/** Quantized weights: the parameters of `constexpr_affine_dequantize`. */
export interface Int8Weights {
  readonly shape: readonly number[];
  /** The parameter `axis`, from 0 on; the op wants one even where there is a single scale. */
  readonly axis: number;
  /** The parameter `quantized_data`, row-major. */
  readonly data: Int8Array;
  readonly scaleDtype: "fp16" | "fp32";
  /** The parameter `scale`: one (granularity "tensor"; the op takes a scalar) or one per channel; exact in `scaleDtype`. */
  readonly scale: Float32Array;
  /** The parameter `zero_point`: as many zeros. */
  readonly zeroPoint: Int8Array;
  readonly noise: QuantizationNoise;
}

/**
 * Quantizes weights of a shape, row-major.
 * @throws ArgumentError if the shape or axis does not fit, a weight is not finite or beyond `scaleDtype`.
 */
export function quantizeInt8(
  weights: Float32Array,
  shape: readonly number[],
  options: QuantizeInt8Options = {},
): Int8Weights {
  const { granularity = "channel", scaleDtype = "fp16" } = options;
  const axis = checkShape(weights.length, shape, options.axis ?? 0);
  const channelOf = channels(shape, granularity === "tensor" ? undefined : axis);
  const largest = new Float64Array(granularity === "tensor" ? 1 : shape[axis]!);
  weights.forEach((weight, index) => {
    if (!Number.isFinite(weight)) {
      throw new ArgumentError(
        `quantizeInt8: weights are finite, got ${weight} at index ${index}. Repair them first.`,
      );
    }
    const channel = channelOf(index);
    largest[channel] = Math.max(largest[channel]!, Math.abs(weight));
  });
  const scale = Float32Array.from(largest, (magnitude) => scaleFor(magnitude, scaleDtype));
  const data = Int8Array.from(weights, (weight, index) =>
    quantized(weight / scale[channelOf(index)]!),
  );
  const zeroPoint = new Int8Array(scale.length);
  const result = { shape: [...shape], axis, data, scaleDtype, scale, zeroPoint };
  return { ...result, noise: noiseOf(weights, dequantizeInt8(result)) };
}

/** What the program computes: scale · q, rounded to the scale's dtype. */
export function dequantizeInt8({
  shape,
  axis,
  data,
  scaleDtype,
  scale,
}: Omit<Int8Weights, "noise" | "zeroPoint">): Float32Array {
  const channelOf = channels(shape, scale.length === 1 ? undefined : axis);
  return Float32Array.from(data, (q, index) =>
    roundToDType(q * scale[channelOf(index)]!, scaleDtype),
  );
}

function checkShape(length: number, shape: readonly number[], axis: number): number {
  if (elementCount(shape) !== length) {
    throw new ArgumentError(
      `quantizeInt8: the shape ${formatShape(shape)} has ${elementCount(shape)} elements, got ${length}. Give all weights.`,
    );
  }
  const rank = shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError(
      `quantizeInt8: the axis lies in ${-rank}..${rank - 1}, got ${axis}. Name the axis of the output channels.`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** The channel of a row-major index; always 0 without an axis. */
function channels(shape: readonly number[], axis: number | undefined): (index: number) => number {
  if (axis === undefined) return () => 0;
  const inner = elementCount(shape.slice(axis + 1));
  const count = shape[axis]!;
  return (index) => Math.floor(index / inner) % count;
}

/** Channels of zeros get the scale 1, almost empty ones the smallest scale there is. */
function scaleFor(magnitude: number, scaleDtype: "fp16" | "fp32"): number {
  if (magnitude === 0) return 1;
  const { minExponent, fractionBits } = DTYPES[scaleDtype].format!;
  const scale = Math.max(
    roundToDType(magnitude / LARGEST, scaleDtype),
    2 ** (minExponent - fractionBits),
  );
  if (!Number.isFinite(roundToDType(LARGEST * scale, scaleDtype))) {
    throw new ArgumentError(
      `quantizeInt8: 127 · scale is finite in ${scaleDtype}, got weights up to ${magnitude}. Use scaleDtype "fp32" or smaller weights.`,
    );
  }
  return scale;
}

/** Nearest integer, ties to even; a scale that was rounded down makes the largest a little more than 127. */
function quantized(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return Math.min(LARGEST, Math.max(-LARGEST, up ? below + 1 : below));
}

function noiseOf(weights: Float32Array, restored: Float32Array): QuantizationNoise {
  let maxAbs = 0;
  let noise = 0;
  let energy = 0;
  weights.forEach((weight, index) => {
    const difference = restored[index]! - weight;
    maxAbs = Math.max(maxAbs, Math.abs(difference));
    noise += difference * difference;
    energy += weight * weight;
  });
  const snrDb = noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(energy / noise);
  return { maxAbs, rms: Math.sqrt(noise / Math.max(1, weights.length)), snrDb };
}
