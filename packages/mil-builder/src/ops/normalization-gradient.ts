/**
 * Gradients of normalizations. What the forward op computes inside (mean, spread) is computed again, in the form that the engine
 * has: sums and pow in place of reduce_mean and rsqrt.
 */
import { axesFromZero, meanOver, meanProduct, sumOver } from "../autodiff/along-axes.js";
import { asDType } from "../autodiff/as-dtype.js";
import { channelVector, sumToChannels } from "../autodiff/channels.js";
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Gradients, Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { roundToDType } from "../float-format.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";

/** value + epsilon, in the dtype of the value, in which epsilon may be 0. */
function plusEpsilon({ f, number }: Vjp, value: Value): Value {
  const epsilon = roundToDType(number("epsilon"), value.type.dtype);
  return epsilon === 0 ? value : f.add({ x: value, y: epsilon });
}

/** How gamma and beta stand beside x, and how their gradients are summed from terms of the shape of x. */
interface Parameters {
  beside(name: "gamma"): Value;
  sum(terms: Value): Value;
}

/**
 * y = gamma · u + beta with u = (x - mean) · r, r = (mean((x - mean)²) + epsilon)^(-1/2) over axes. With g = d · gamma:
 * dx = r · (g - mean(g) - u · mean(g · u)), dgamma = Σ d · u, dbeta = Σ d.
 */
function standardized(vjp: Vjp, axes: readonly number[], parameters: Parameters): Gradients {
  const { f, value, has, wants, cotangent: d } = vjp;
  const x = value("x");
  const dbeta = wants("beta") ? parameters.sum(d) : undefined;
  if (!wants("x") && !wants("gamma")) return { beta: dbeta };
  const centred = f.sub({ x, y: meanOver(f, x, axes) });
  const variance = meanProduct(f, centred, centred, axes);
  const r = f.pow({ x: plusEpsilon(vjp, variance), y: -0.5 });
  const u = f.mul({ x: centred, y: r });
  const dx = () => {
    const g = has("gamma") ? f.mul({ x: d, y: parameters.beside("gamma") }) : d;
    const across = f.sub({ x: g, y: meanOver(f, g, axes) });
    const along = f.mul({ x: u, y: meanProduct(f, g, u, axes) });
    return f.mul({ x: f.sub({ x: across, y: along }), y: r });
  };
  return {
    x: wants("x") ? dx() : undefined,
    gamma: wants("gamma") ? parameters.sum(f.mul({ x: d, y: u })) : undefined,
    beta: dbeta,
  };
}

/** gamma and beta have the normalized dims, in the order of x. */
const layerNorm: VjpRule = (vjp) => {
  const { f, value, has, numbers } = vjp;
  const { shape, dtype } = value("x").type;
  const axes = axesFromZero(has("axes") ? numbers("axes") : undefined, shape.length);
  const scaled = shape.map((dim, axis) => (axes.includes(axis) ? dim : 1));
  const own = shape.filter((_, axis) => axes.includes(axis));
  return standardized(vjp, axes, {
    beside: (name) => f.reshape({ x: asDType(f, value(name), dtype), shape: scaled }),
    sum: (terms) => f.reshape({ x: sumToShape(f, terms, shape, scaled), shape: own }),
  });
};

/** Over the spatial dims; gamma and beta have an entry per channel. */
const instanceNorm: VjpRule = (vjp) =>
  standardized(vjp, [...vjp.value("x").type.shape.keys()].slice(2), {
    beside: (name) => channelVector(vjp, name),
    sum: (terms) => sumToChannels(vjp, terms),
  });

/** y = gamma · (x - mean) · r + beta with the given mean and r = (variance + epsilon)^(-1/2). */
const batchNorm: VjpRule = (vjp) => {
  const { f, value, has, wants, compactCotangent: d } = vjp;
  const r = f.pow({ x: plusEpsilon(vjp, channelVector(vjp, "variance")), y: -0.5 });
  const scale = has("gamma") ? f.mul({ x: r, y: channelVector(vjp, "gamma") }) : r;
  const dx = f.mul({ x: d, y: scale });
  const centred = () => f.sub({ x: value("x"), y: channelVector(vjp, "mean") });
  const dvariance = () => {
    const terms = sumToChannels(vjp, f.mul({ x: dx, y: centred() }));
    const square = f.reshape({ x: f.mul({ x: r, y: r }), shape: value("variance").type.shape });
    return f.mul({ x: f.mul({ x: terms, y: -0.5 }), y: square });
  };
  const dgamma = () => f.mul({ x: f.mul({ x: d, y: centred() }), y: r });
  return {
    x: wants("x") ? dx : undefined,
    mean: wants("mean") ? f.mul({ x: sumToChannels(vjp, dx), y: -1 }) : undefined,
    variance: wants("variance") ? dvariance() : undefined,
    gamma: wants("gamma") ? sumToChannels(vjp, dgamma()) : undefined,
    beta: wants("beta") ? sumToChannels(vjp, d) : undefined,
  };
};

/** y = x · r with r = (Σx² + epsilon)^(-1/2) over the last three dims: dx = r · (d - y · Σ d · y) */
const l2Norm: VjpRule = (vjp) => {
  const { f, value, wants, output: y, compactCotangent: d } = vjp;
  if (!wants("x")) return {};
  const x = value("x");
  const axes = [...x.type.shape.keys()].slice(-3);
  const r = f.pow({ x: plusEpsilon(vjp, sumOver(f, f.mul({ x, y: x }), axes)), y: -0.5 });
  const along = f.mul({ x: y, y: sumOver(f, f.mul({ x: d, y }), axes) });
  return { x: f.mul({ x: f.sub({ x: d, y: along }), y: r }) };
};

/**
 * y = x · s^-beta with s = k + alpha/size · Σ x² over the channels in the window of each. A channel gets a share of the windows that it is
 * in: dx = d · s^-beta - x · 2 · beta · alpha/size · Σ d · y / s. Both sums, over size, are 1×1 convolutions with a constant.
 */
const localResponseNorm: VjpRule = (vjp) => {
  const { f, value, wants, number, output: y, cotangent: d } = vjp;
  if (!wants("x")) return {};
  const x = value("x");
  const [alpha, beta] = [number("alpha"), number("beta")];
  const [window, windows] = [windowMatrix(vjp, false), windowMatrix(vjp, true)];
  const squares = f.conv({ x: f.mul({ x, y: x }), weight: window });
  const s = f.add({ x: f.mul({ x: squares, y: alpha }), y: number("k") });
  const terms = f.real_div({ x: f.mul({ x: d, y }), y: s });
  const sum = f.conv({ x: terms, weight: windows });
  const across = f.mul({ x: d, y: f.pow({ x: s, y: -beta }) });
  const along = f.mul({ x: f.mul({ x: f.mul({ x: sum, y: alpha }), y: 2 * beta }), y: x });
  return { x: f.sub({ x: across, y: along }) };
};

/** [C, C, 1, ...]: 1/size where the window of the channel of the row holds that of the column, or the other way round. */
function windowMatrix({ f, value, number }: Vjp, isTransposed: boolean): Value {
  const { shape, dtype } = value("x").type;
  const channels = shape[1]!;
  const size = number("size");
  const half = Math.floor(size / 2);
  const elements = Array.from({ length: channels * channels }, (_, index) => {
    const [row, column] = [Math.floor(index / channels), index % channels];
    const offset = isTransposed ? row - column : column - row;
    return offset >= -half && offset < size - half ? 1 / size : 0;
  });
  const ones = shape.slice(2).map(() => 1);
  return f.constant("windows", tensor(dtype, [channels, channels, ...ones]), elements);
}

export const NORMALIZATION_GRADIENTS = {
  batch_norm: batchNorm,
  instance_norm: instanceNorm,
  l2_norm: l2Norm,
  layer_norm: layerNorm,
  local_response_norm: localResponseNorm,
} satisfies Rules;
