/**
 * RMSNorm forward and backward over D channels of each row (position), eps inside the root.
 * Zhang & Sennrich, "Root Mean Square Layer Normalization", 2019.
 */
import { check, checkArray, checkInteger } from "./argument-error.js";
import { checkApart, checkNotShifted, checkNumber } from "./checks.js";
import { isChannelFirst, type Layout } from "./layout.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  rmsNormForward(
    x: Real,
    weight: Float32Array,
    out: Float32Array,
    inverseRms: Float32Array | undefined,
    rows: number,
    dim: number,
    eps: number,
    channelFirst: boolean,
  ): void;
  rmsNormBackward(
    x: Real,
    weight: Float32Array,
    dOut: Float32Array,
    dx: Float32Array,
    dWeight: Float32Array,
    rows: number,
    dim: number,
    eps: number,
    accumulate: boolean,
    channelFirst: boolean,
  ): void;
}>();

/** What forward and backward share. Matrices are [dim, rows] if channel-first, [rows, dim] if token-major. */
export interface RmsNormShape {
  readonly rows: number;
  readonly dim: number;
  /** Added to the mean square; at least 0. */
  readonly eps: number;
  readonly layout: Layout;
  /** Input of the forward pass, fp32 or fp16 bits. */
  readonly x: Real;
  /** fp32 [dim] */
  readonly weight: Float32Array;
}

export interface RmsNormForwardOptions extends RmsNormShape {
  /** fp32, of x's shape; may be x itself. */
  readonly out: Float32Array;
  /** If given, receives 1/√(mean x² + eps) of each row: fp32 [rows]. */
  readonly inverseRms?: Float32Array | undefined;
}

export interface RmsNormBackwardOptions extends RmsNormShape {
  /** Gradient of the forward pass's output: fp32, of x's shape. */
  readonly dOut: Float32Array;
  /** Gradient of x: fp32, of x's shape; may be dOut itself. */
  readonly dx: Float32Array;
  /** Gradient of weight, added to what it holds: fp32 [dim]. */
  readonly dWeight: Float32Array;
  /** Add to dx instead of overwriting it. Default false. */
  readonly accumulate?: boolean;
}

/** `out = weight · x / √(mean x² + eps)`, the mean over the channels of a row. @throws ArgumentError */
export function rmsNormForward(options: RmsNormForwardOptions): void {
  const { x, weight, out, inverseRms, rows, dim, eps } = options;
  const channelFirst = checkShape("rmsNormForward", options);
  checkArray(out, Float32Array, "rmsNormForward.out", rows * dim);
  checkNotShifted(out, x, "rmsNormForward.out", "x");
  checkApart(out, weight, "rmsNormForward.out", "weight");
  if (inverseRms) {
    checkArray(inverseRms, Float32Array, "rmsNormForward.inverseRms", rows);
    checkApart(inverseRms, x, "rmsNormForward.inverseRms", "x");
    checkApart(inverseRms, weight, "rmsNormForward.inverseRms", "weight");
    checkApart(inverseRms, out, "rmsNormForward.inverseRms", "out");
  }
  native.rmsNormForward(x, weight, out, inverseRms, rows, dim, eps, channelFirst);
}

/**
 * With i = 1/√(mean x² + eps) of a row: `dx = i·weight·dOut − x·i³·mean(weight·dOut·x)`, and
 * `dWeight += Σ over rows of dOut·x·i`, in an order that depends on the shape only.
 *
 * @throws ArgumentError
 */
export function rmsNormBackward(options: RmsNormBackwardOptions): void {
  const { x, weight, dOut, dx, dWeight, rows, dim, eps, accumulate = false } = options;
  const channelFirst = checkShape("rmsNormBackward", options);
  checkArray(dOut, Float32Array, "rmsNormBackward.dOut", rows * dim);
  checkArray(dx, Float32Array, "rmsNormBackward.dx", rows * dim);
  checkArray(dWeight, Float32Array, "rmsNormBackward.dWeight", dim);
  checkNotShifted(dx, dOut, "rmsNormBackward.dx", "dOut");
  checkNotShifted(dx, x, "rmsNormBackward.dx", "x");
  checkApart(dx, weight, "rmsNormBackward.dx", "weight");
  for (const [name, array] of Object.entries({ x, weight, dOut, dx })) {
    checkApart(dWeight, array, "rmsNormBackward.dWeight", name);
  }
  native.rmsNormBackward(x, weight, dOut, dx, dWeight, rows, dim, eps, accumulate, channelFirst);
}

function checkShape(where: string, { x, weight, rows, dim, eps, layout }: RmsNormShape): boolean {
  checkInteger(rows, `${where}.rows`);
  checkInteger(dim, `${where}.dim`, 1);
  checkNumber(eps, `${where}.eps`, "must be finite and at least 0", (value) => value >= 0);
  const real = x instanceof Float32Array || x instanceof Uint16Array;
  check(real, `${where}.x`, "must be a Float32Array or a Uint16Array", x);
  check(x.length === rows * dim, `${where}.x`, `must have ${rows * dim} elements`, x.length);
  checkArray(weight, Float32Array, `${where}.weight`, dim);
  return isChannelFirst(layout, where);
}
