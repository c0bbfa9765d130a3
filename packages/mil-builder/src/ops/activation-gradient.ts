/**
 * Gradients of activation functions and softmax. At kinks they are PyTorch's: those of the side of smaller x, and 0 at both bounds
 * of relu6, sigmoid_hard and clamped_relu.
 */
import { sumOver } from "../autodiff/along-axes.js";
import { channelVector, sumToChannels } from "../autodiff/channels.js";
import { isPositive } from "../autodiff/masks.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { slope } from "./elementwise-unary-gradient.js";

/** 1 where x > 0, alpha elsewhere. */
function leak(f: FunctionBuilder, x: Value, alpha: number): Value {
  return f.add({ x: f.mul({ x: isPositive(f, x), y: 1 - alpha }), y: alpha });
}

/** min(beta, x ≥ 0 ? x : alpha · x) */
const clampedRelu = slope(({ f, value, number, output }) => {
  const isBelow = f.sign({ x: f.sub({ x: number("beta"), y: output }) });
  return f.mul({ x: isBelow, y: leak(f, value("x"), number("alpha")) });
});

/** 1 where x > 0, alpha · e^x elsewhere; e^min(x, 0) is 1 above, and does not overflow. */
const elu = slope(({ f, value, number }) => {
  const x = value("x");
  const alpha = number("alpha");
  const falling = f.exp({ x: f.minimum({ x, y: 0 }) });
  if (alpha === 1) return falling;
  const rest = f.mul({ x: isPositive(f, x), y: 1 - alpha });
  return f.add({ x: f.mul({ x: falling, y: alpha }), y: rest });
});

/** Φ(x) + x · φ(x) */
function exactGelu({ f, value }: Vjp): Value {
  const x = value("x");
  const error = f.erf({ x: f.mul({ x, y: Math.SQRT1_2 }) });
  const share = f.add({ x: f.mul({ x: error, y: 0.5 }), y: 0.5 });
  const half = f.mul({ x, y: -0.5 });
  const bell = f.exp({ x: f.mul({ x: half, y: x }) });
  const density = f.mul({ x: bell, y: 1 / Math.sqrt(2 * Math.PI) });
  return f.add({ x: share, y: f.mul({ x, y: density }) });
}

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/**
 * y = x (1 + t)/2 with t = tanh(ROOT (x + CUBIC x³)): (1 + t)/2 + b (1 + 3 CUBIC x²) with b = ROOT/2 x (1 - t²). b falls so fast
 * that its products with x stay small where x³ overflows.
 */
function tanhGelu({ f, value }: Vjp): Value {
  const x = value("x");
  const square = f.mul({ x, y: x });
  const bent = f.add({ x: f.mul({ x: square, y: ROOT * CUBIC }), y: ROOT });
  const t = f.tanh({ x: f.mul({ x, y: bent }) });
  const share = f.add({ x: f.mul({ x: t, y: 0.5 }), y: 0.5 });
  const fall = f.sub({ x: 1, y: f.mul({ x: t, y: t }) });
  const bump = f.mul({ x: f.mul({ x: fall, y: ROOT / 2 }), y: x });
  const tail = f.mul({ x: f.mul({ x: f.mul({ x: bump, y: 3 * CUBIC }), y: x }), y: x });
  return f.add({ x: share, y: f.add({ x: bump, y: tail }) });
}

/** y = x · s with s = σ(1.702 x): s + 1.702 y (1 - s) */
function sigmoidGelu({ f, value, output }: Vjp): Value {
  const s = f.sigmoid({ x: f.mul({ x: value("x"), y: 1.702 }) });
  const rest = f.mul({ x: output, y: f.sub({ x: 1, y: s }) });
  return f.add({ x: s, y: f.mul({ x: rest, y: 1.702 }) });
}

const gelu = slope((vjp) => {
  switch (vjp.text("mode")) {
    case "TANH_APPROXIMATION":
      return tanhGelu(vjp);
    case "SIGMOID_APPROXIMATION":
      return sigmoidGelu(vjp);
    default:
      return exactGelu(vjp);
  }
});

/** Alpha has an entry per channel. */
const prelu: VjpRule = (vjp) => {
  const { f, compactCotangent: d, value, wants } = vjp;
  const x = value("x");
  const negative = f.sub({ x: 1, y: isPositive(f, x) });
  const dx = () => {
    const alpha = channelVector(vjp, "alpha");
    const steps = f.mul({ x: f.sub({ x: alpha, y: 1 }), y: negative });
    return f.mul({ x: d, y: f.add({ x: steps, y: 1 }) });
  };
  const dalpha = () => sumToChannels(vjp, f.mul({ x: d, y: f.minimum({ x, y: 0 }) }));
  return { x: wants("x") ? dx() : undefined, alpha: wants("alpha") ? dalpha() : undefined };
};

/** alpha · softplus(beta · x), alpha and beta per channel. */
const softplusParametric: VjpRule = (vjp) => {
  const { f, compactCotangent: d, value, wants } = vjp;
  const x = value("x");
  const [alpha, beta] = [channelVector(vjp, "alpha"), channelVector(vjp, "beta")];
  const inner = f.mul({ x, y: beta });
  const share = f.mul({ x: f.mul({ x: d, y: alpha }), y: f.sigmoid({ x: inner }) });
  const ofAlpha = () => f.mul({ x: d, y: f.softplus({ x: inner }) });
  return {
    x: wants("x") ? f.mul({ x: share, y: beta }) : undefined,
    alpha: wants("alpha") ? sumToChannels(vjp, ofAlpha()) : undefined,
    beta: wants("beta") ? sumToChannels(vjp, f.mul({ x: share, y: x })) : undefined,
  };
};

/** dx = y · (d - Σ d · y) */
const softmax: VjpRule = ({ f, wants, number, output: y, compactCotangent: d }) => {
  if (!wants("x")) return {};
  const sum = sumOver(f, f.mul({ x: d, y }), [number("axis")]);
  return { x: f.mul({ x: y, y: f.sub({ x: d, y: sum }) }) };
};

export const ACTIVATION_GRADIENTS = {
  clamped_relu: clampedRelu,
  elu,
  gelu,
  leaky_relu: slope(({ f, value, number }) => leak(f, value("x"), number("alpha"))),
  linear_activation: ({ f, wants, number, compactCotangent }) =>
    wants("x") ? { x: f.mul({ x: compactCotangent, y: number("alpha") }) } : {},
  prelu,
  relu: slope(({ f, output }) => f.sign({ x: output })),
  relu6: slope(({ f, output }) => {
    const isBelow = f.sign({ x: f.sub({ x: 6, y: output }) });
    return f.mul({ x: f.sign({ x: output }), y: isBelow });
  }),
  scaled_tanh: slope(({ f, value, number }) => {
    const t = f.tanh({ x: f.mul({ x: value("x"), y: number("beta") }) });
    const fall = f.sub({ x: 1, y: f.mul({ x: t, y: t }) });
    return f.mul({ x: f.mul({ x: fall, y: number("alpha") }), y: number("beta") });
  }),
  sigmoid: slope(({ f, output: y }) => f.mul({ x: y, y: f.sub({ x: 1, y }) })),
  sigmoid_hard: slope(({ f, number, output }) => {
    const isBelow = f.sign({ x: f.sub({ x: 1, y: output }) });
    const isInside = f.mul({ x: f.sign({ x: output }), y: isBelow });
    return f.mul({ x: isInside, y: number("alpha") });
  }),
  silu: slope(({ f, value, output }) => {
    const s = f.sigmoid({ x: value("x") });
    return f.add({ x: s, y: f.mul({ x: output, y: f.sub({ x: 1, y: s }) }) });
  }),
  softmax,
  softplus: slope(({ f, value }) => f.sigmoid({ x: value("x") })),
  softplus_parametric: softplusParametric,
  softsign: ({ f, wants, value, compactCotangent }) => {
    if (!wants("x")) return {};
    const steepness = f.add({ x: f.abs({ x: value("x") }), y: 1 });
    const once = f.real_div({ x: compactCotangent, y: steepness });
    return { x: f.real_div({ x: once, y: steepness }) };
  },
  thresholded_relu: slope(({ f, value, number }) => {
    const below = isPositive(f, f.sub({ x: number("alpha"), y: value("x") }));
    return f.sub({ x: 1, y: below });
  }),
} satisfies Rules;
