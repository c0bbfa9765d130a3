/**
 * GPT-2 (Radford et al. 2019): LayerNorm before each half of a layer, biases everywhere, GELU by its tanh formula, learned positions,
 * a classifier tied to the token table. D = dim, H = heads, h = D / H, S = length.
 */
import { causalMask, defineLayer, defineModel, project } from "@ane/trainer";

const EPSILON = 1e-5;

/** gamma · (x − mean) / √(variance + ε) + beta over the channels of each token. */
function normalize(f, x, gamma, beta) {
  const normal = f.layer_norm({ x, axes: [1], epsilon: EPSILON });
  return f.add({ x: f.mul({ x: normal, y: gamma }), y: beta });
}

/** W · x + b for each token. */
function affine(f, x, weight, bias, name) {
  return f.add({ x: project(f, x, weight, name), y: bias });
}

const norm = (D) => ({
  gamma: { shape: [D], init: "ones" },
  beta: { shape: [D] },
});

export const attention = ({ dim: D, heads: H, length: S, layers: L }) =>
  defineLayer({
    name: "attention",
    residual: true,
    parameters: {
      ...norm(D),
      wq: { shape: [D, D] },
      bq: { shape: [D] },
      wk: { shape: [D, D] },
      bk: { shape: [D] },
      wv: { shape: [D, D] },
      bv: { shape: [D] },
      wo: { shape: [D, D], init: { normal: 0.02 / Math.sqrt(2 * L) } },
      bo: { shape: [D] },
    },
    constants: { mask: causalMask(S) },
    forward(f, { x, w, constants }) {
      const xn = normalize(f, x, w.gamma, w.beta);
      const heads = (weight, bias, name) =>
        f.reshape({ x: affine(f, xn, weight, bias, name), shape: [1, H, D / H, S] });
      const q = heads(w.wq, w.bq, "q");
      const k = heads(w.wk, w.bk, "k");
      const v = heads(w.wv, w.bv, "v");
      const products = f.matmul({ x: q, y: k, transpose_x: true }); // [1, H, S, S]
      const scores = f.mul({ x: products, y: 1 / Math.sqrt(D / H) });
      const probs = f.softmax({ x: f.add({ x: scores, y: constants.mask }), axis: -1 });
      const attended = f.matmul({ x: v, y: probs, transpose_y: true }); // [1, H, h, S]
      return affine(f, f.reshape({ x: attended, shape: [1, D, 1, S] }), w.wo, w.bo, "o");
    },
  });

export const mlp = ({ dim: D, layers: L }) =>
  defineLayer({
    name: "mlp",
    residual: true,
    parameters: {
      ...norm(D),
      w1: { shape: [4 * D, D] },
      b1: { shape: [4 * D] },
      w2: { shape: [D, 4 * D], init: { normal: 0.02 / Math.sqrt(2 * L) } },
      b2: { shape: [D] },
    },
    forward(f, { x, w }) {
      const xn = normalize(f, x, w.gamma, w.beta);
      const hidden = f.gelu({ x: affine(f, xn, w.w1, w.b1, "h"), mode: "TANH_APPROXIMATION" });
      return affine(f, hidden, w.w2, w.b2, "y");
    },
  });

export const finalNorm = ({ dim: D }) =>
  defineLayer({
    name: "finalNorm",
    parameters: norm(D),
    forward: (f, { x, w }) => normalize(f, x, w.gamma, w.beta),
  });

export function gpt2(size) {
  const { name = "gpt2", vocabulary, dim, length, layers } = size;
  const layer = [attention(size), mlp(size)];
  return defineModel({
    name,
    input: { kind: "tokens", vocabulary, dim, length, positions: "learned" },
    layers: [...Array.from({ length: layers }, () => layer).flat(), finalNorm(size)],
    head: { kind: "nextToken" },
  });
}

/** Small enough for a laptop's processor; the vocabulary is that of the embedded stories. */
export default gpt2({
  name: "gpt2-tiny",
  vocabulary: 32_000,
  dim: 64,
  heads: 4,
  length: 64,
  layers: 2,
});
