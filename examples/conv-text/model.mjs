/**
 * A convolutional language model in the manner of Dauphin et al. 2017, "Language Modeling with Gated Convolutional Networks": each
 * layer looks K tokens back. Token by token normalization keeps it causal. D = dim, K = width of the kernel, S = length.
 */
import { defineLayer, defineModel } from "@ane/trainer";

/** x + (W ∗ xn + b) · σ(V ∗ xn + c), where ∗ sees a token and the K − 1 before it. */
export const gatedConvolution = ({ dim: D, width: K }) =>
  defineLayer({
    name: "gatedConvolution",
    residual: true,
    parameters: {
      gain: { shape: [D], init: "ones" },
      value: { shape: [D, D, 1, K] },
      valueBias: { shape: [D] },
      gate: { shape: [D, D, 1, K] },
      gateBias: { shape: [D] },
    },
    forward(f, { x, w }) {
      const squares = f.reduce_sum({ x: f.mul({ x, y: x }), axes: [1], keep_dims: true });
      const mean = f.mul({ x: squares, y: 1 / D });
      const inverse = f.pow({ x: f.add({ x: mean, y: 1e-5 }), y: -0.5 });
      const xn = f.mul({ x: f.mul({ x, y: inverse }), y: w.gain });
      const convolve = (weight, bias) =>
        f.add({
          x: f.conv({ x: xn, weight, pad_type: "custom", pad: [0, 0, K - 1, 0] }),
          y: bias,
        });
      const gate = f.sigmoid({ x: convolve(w.gate, w.gateBias) });
      return f.mul({ x: convolve(w.value, w.valueBias), y: gate });
    },
  });

export function convText(size) {
  const { name = "conv-text", vocabulary, dim, length, layers } = size;
  const layer = gatedConvolution(size);
  return defineModel({
    name,
    input: { kind: "tokens", vocabulary, dim, length },
    layers: Array.from({ length: layers }, () => layer),
    head: { kind: "nextToken", classifier: "untied" },
  });
}

export default convText({
  name: "conv-text-tiny",
  vocabulary: 32_000,
  dim: 32,
  width: 4,
  length: 64,
  layers: 2,
});
