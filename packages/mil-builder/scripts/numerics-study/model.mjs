// A Llama of the size of stories15M, its forward pass in float64 on the kernels, and the gradient of its loss.
import { readFileSync } from "node:fs";
import { floatFromHalf, fwdAttn, fwdFFN, halfFromFloat } from "@ane/mil-builder";
import { runKernel } from "./run-kernel.mjs";

/** "Once upon a time, there was a little girl named Lily. She loved to play outside", then what the model continues with. */
const BEGIN = [
  1, 9038, 2501, 263, 931, 29892, 727, 471, 263, 2217, 7826, 4257, 365, 2354, 29889, 2296, 18012,
  304, 1708, 5377,
];
const S = 32;
const HEADER_BYTES = 28;

/** Weights (rounded to fp16, as the kernels have them), activations of every layer, and dx: the gradient after the last one. */
export function loadModel(path) {
  const weights = path === undefined ? randomWeights() : readWeights(path);
  const { config } = weights;
  const kernelConfig = { ...config, seqLen: S, normEps: 1e-5, ropeTheta: 10000 };
  const tokens = continueText(weights, kernelConfig);
  const { layers, x } = forward(weights, kernelConfig, tokens.slice(0, S));
  const { loss, dx } = lossGradient(weights, x, tokens.slice(1));
  const source = path === undefined ? "random" : "stories15M";
  return { source, config: kernelConfig, layers, loss, dx };
}

function forward({ config, embedding, layers: weights }, kernelConfig, tokens) {
  const D = config.dim;
  const exact = { ...kernelConfig, dtype: "fp32" };
  let x = new Float64Array(D * S);
  tokens.forEach((token, s) => {
    for (let c = 0; c < D; c++) x[c * S + s] = embedding[token * D + c];
  });
  const layers = weights.map((layer) => {
    const attention = runKernel(
      fwdAttn(exact),
      { x },
      { ...layer, norm: layer.attnNorm },
      "float64",
    );
    const x2 = x.map((value, i) => value + attention.o[i]);
    const ffn = runKernel(fwdFFN(exact), { x: x2 }, { ...layer, norm: layer.ffnNorm }, "float64");
    const result = { weights: layer, x, x2, attention, ffn };
    x = x2.map((value, i) => value + ffn.y[i]);
    return result;
  });
  return { layers, x };
}

/** Logits of one position after the final RMSNorm; `inverse` is 1 / rms there. */
function logitsAt({ config, embedding, finalNorm }, x, s) {
  const { dim: D, vocab } = config;
  let squares = 0;
  for (let c = 0; c < D; c++) squares += x[c * S + s] ** 2;
  const inverse = 1 / Math.sqrt(squares / D + 1e-5);
  const xn = Float64Array.from({ length: D }, (_, c) => x[c * S + s] * inverse * finalNorm[c]);
  const logits = new Float64Array(vocab);
  for (let token = 0; token < vocab; token++) {
    let sum = 0;
    for (let c = 0; c < D; c++) sum += embedding[token * D + c] * xn[c];
    logits[token] = sum;
  }
  return logits;
}

function continueText(weights, kernelConfig) {
  const tokens = [...BEGIN];
  while (tokens.length <= S) {
    const padded = [...tokens, ...Array(S).fill(0)].slice(0, S);
    const { x } = forward(weights, kernelConfig, padded);
    const logits = logitsAt(weights, x, tokens.length - 1);
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens;
}

/** Mean cross-entropy over the positions, and its gradient with respect to x [D, S]. */
function lossGradient(weights, x, targets) {
  const { config, embedding, finalNorm } = weights;
  const { dim: D, vocab } = config;
  const dx = new Float64Array(D * S);
  let loss = 0;
  for (let s = 0; s < S; s++) {
    const logits = logitsAt(weights, x, s);
    const max = Math.max(...logits);
    const total = logits.reduce((sum, value) => sum + Math.exp(value - max), 0);
    loss -= (logits[targets[s]] - max - Math.log(total)) / S;
    const dxn = new Float64Array(D);
    for (let token = 0; token < vocab; token++) {
      const p = Math.exp(logits[token] - max) / total - (token === targets[s] ? 1 : 0);
      for (let c = 0; c < D; c++) dxn[c] += (p / S) * embedding[token * D + c];
    }
    normBackwardAt(dxn, x, finalNorm, s, dx);
  }
  return { loss, dx };
}

/** Adds the gradient of RMSNorm at one position to dx [D, S]. */
function normBackwardAt(dxn, x, gain, s, dx) {
  const D = gain.length;
  let [squares, product] = [0, 0];
  for (let c = 0; c < D; c++) {
    squares += x[c * S + s] ** 2;
    product += dxn[c] * gain[c] * x[c * S + s];
  }
  const inverse = 1 / Math.sqrt(squares / D + 1e-5);
  for (let c = 0; c < D; c++) {
    const i = c * S + s;
    dx[i] += inverse * (dxn[c] * gain[c] - (x[i] * inverse * inverse * product) / D);
  }
}

/** Gradient of RMSNorm for all positions: dxn, x [D, S] to dx [D, S]. */
export function normBackward(dxn, x, gain) {
  const dx = new Float64Array(x.length);
  for (let s = 0; s < S; s++) {
    const column = gain.map((_, c) => dxn[c * S + s]);
    normBackwardAt(column, x, gain, s, dx);
  }
  return dx;
}

/** llama2.c's file: seven int32 of header, then fp32 tensors, each for all layers. */
function readWeights(path) {
  const file = readFileSync(path);
  const [dim, hiddenDim, count, heads, kvHeads, vocab] = Array.from({ length: 6 }, (_, i) =>
    Math.abs(file.readInt32LE(4 * i)),
  );
  let offset = HEADER_BYTES;
  const take = (length) => {
    const data = Float64Array.from({ length }, (_, i) => half(file.readFloatLE(offset + 4 * i)));
    offset += 4 * length;
    return data;
  };
  const headDim = dim / heads;
  return assemble({ dim, hiddenDim, heads, kvHeads, headDim, vocab }, count, take);
}

function randomWeights() {
  const config = { dim: 288, hiddenDim: 768, heads: 6, kvHeads: 6, headDim: 48, vocab: 32000 };
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const scale = Math.sqrt(3 / config.dim);
  return assemble(config, 6, (length, isGain) =>
    Float64Array.from({ length }, () => half(isGain ? 1 : scale * (2 * random() - 1))),
  );
}

function assemble(config, count, take) {
  const { dim: D, hiddenDim: F, heads, kvHeads, headDim, vocab } = config;
  const [QD, KD] = [heads * headDim, kvHeads * headDim];
  const each = (length, isGain = false) =>
    Array.from({ length: count }, () => take(length, isGain));
  const embedding = take(vocab * D, false);
  const tensors = {
    attnNorm: each(D, true),
    wq: each(QD * D),
    wk: each(KD * D),
    wv: each(KD * D),
    wo: each(D * QD),
    ffnNorm: each(D, true),
    w1: each(F * D),
    w2: each(D * F),
    w3: each(F * D),
  };
  const finalNorm = take(D, true);
  const layers = Array.from({ length: count }, (_, layer) =>
    Object.fromEntries(Object.entries(tensors).map(([name, list]) => [name, list[layer]])),
  );
  return { config, embedding, layers, finalNorm };
}

function half(value) {
  return floatFromHalf(halfFromFloat(value));
}
