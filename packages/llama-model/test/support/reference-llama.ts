/**
 * Llama in float64 with plain loops, written from the formulas and not from the package's code: the expected values of
 * tests. Attention looks at all positions anew for each one; nothing is cached or batched.
 */
import type { Parameters } from "../../src/index.js";

type Vector = number[];

/** @returns Logits of each position. */
export function referenceLogits(parameters: Parameters, tokens: ArrayLike<number>): Vector[] {
  const { dim, layers, heads, kvHeads, headDim, normEps, ropeTheta, logitSoftcap } =
    parameters.config;
  const cap = (x: number) => (logitSoftcap ? logitSoftcap * Math.tanh(x / logitSoftcap) : x);
  const norm = (x: Vector, gain: Float32Array): Vector => {
    const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    return x.map((value, i) => (value / Math.sqrt(meanSquare + normEps)) * gain[i]!);
  };
  const rotate = (x: Vector, position: number): Vector =>
    x.map((value, c) => {
      const angle = position * ropeTheta ** -(((c - (c % 2)) % headDim) / headDim);
      const other = c % 2 === 0 ? -x[c + 1]! : x[c - 1]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  const head = (x: Vector, index: number): Vector =>
    x.slice(index * headDim, (index + 1) * headDim);

  let stream = Array.from(tokens, (token) =>
    Array.from(parameters.tokenEmbedding.subarray(token * dim, (token + 1) * dim)),
  );
  for (let l = 0; l < layers; l++) {
    const w = parameters.layer(l);
    const xn = stream.map((x) => norm(x, w.attentionNorm));
    const normHeads = (x: Vector, gain?: Float32Array): Vector =>
      gain
        ? Array.from({ length: x.length / headDim }, (_, n) => norm(head(x, n), gain)).flat()
        : x;
    const q = xn.map((x, at) => rotate(normHeads(product(w.wq, x), w.qNorm), at));
    const k = xn.map((x, at) => rotate(normHeads(product(w.wk, x), w.kNorm), at));
    const v = xn.map((x) => product(w.wv, x));
    stream = stream.map((x, position) => {
      const attended = Array.from({ length: heads }, (_, n) => {
        const group = Math.floor(n / (heads / kvHeads));
        const scores = k
          .slice(0, position + 1)
          .map((key) => dot(head(q[position]!, n), head(key, group)) / Math.sqrt(headDim));
        const weights = scores.map(Math.exp);
        const total = weights.reduce((a, b) => a + b);
        return Array.from({ length: headDim }, (_, c) =>
          weights.reduce((sum, p, t) => sum + (p / total) * head(v[t]!, group)[c]!, 0),
        );
      }).flat();
      return plus(x, product(w.wo, attended));
    });
    stream = stream.map((x) => {
      const inner = norm(x, w.ffnNorm);
      const h3 = product(w.w3, inner);
      const gate = product(w.w1, inner).map((h1, i) => (h1 / (1 + Math.exp(-h1))) * h3[i]!);
      return plus(x, product(w.w2, gate));
    });
  }
  return stream.map((x) => product(parameters.classifier, norm(x, parameters.finalNorm)).map(cap));
}

/** Mean over positions of -ln p(next token). */
export function referenceLoss(parameters: Parameters, tokens: ArrayLike<number>): number {
  const inputs = Array.from(tokens).slice(0, -1);
  const losses = referenceLogits(parameters, inputs).map((logits, i) => {
    const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    return Math.log(total) - logits[tokens[i + 1]!]!;
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}

function product(matrix: Float32Array, x: Vector): Vector {
  return Array.from({ length: matrix.length / x.length }, (_, row) =>
    x.reduce((sum, value, column) => sum + matrix[row * x.length + column]! * value, 0),
  );
}

function dot(a: Vector, b: Vector): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function plus(a: Vector, b: Vector): Vector {
  return a.map((value, i) => value + b[i]!);
}
