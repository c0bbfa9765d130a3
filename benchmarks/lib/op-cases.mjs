/**
 * Every operation of a micro-step and an update that is not a matrix product, at a model's sizes: the bytes it must read and
 * write, the call, and the straightforward loop that it competes with.
 */
import * as ops from "@ane/accel-ops";

const eps = 1e-5;

/**
 * @param {{ S, D, F, H, V, P }} dims P: parameters of one AdamW call
 * @returns {{ name: string, bytes: number, pass?: "read" | "inPlace" | "update", target?: number, run(): void, loop(): void,
 *   reset?(): void }[]} `pass` says how the bytes move (default: from some arrays to others), `reset` restores what `run` changed,
 *   untimed; `target` is the most that `run` may take of the time in which memory moves the bytes
 */
export function opCases(dims) {
  return [...conversions(dims), ...layers(dims), crossEntropy(dims), adamW(dims), ...vectors(dims)];
}

const floats = (length, seed = 1) => {
  const x = new Float32Array(length);
  ops.fillNormal(x, { seed, stream: 0, std: 1 });
  return x;
};

function conversions({ S, F, V }) {
  return [
    ["in the cache", S * F],
    ["in memory", S * V],
  ].flatMap(([where, n]) => {
    const [x, half] = [floats(n), new Uint16Array(n)];
    ops.toHalf(x, half);
    return [
      {
        name: `fp32 to fp16, ${where}`,
        ...{ bytes: 6 * n, target: 1.2 },
        run: () => ops.toHalf(x, half),
        loop: () => {
          for (let i = 0; i < n; i++) half[i] = halfBits(x[i]);
        },
      },
      {
        name: `fp16 to fp32, ${where}`,
        ...{ bytes: 6 * n, target: 1.2 },
        run: () => ops.toFloat(half, x),
        loop: () => {
          for (let i = 0; i < n; i++) x[i] = halfValue(half[i]);
        },
      },
    ];
  });
}

function layers({ S, D, F, H }) {
  const [x, dOut, out, dx] = [1, 2, 3, 4].map((seed) => floats(S * D, seed));
  const [weight, dWeight] = [floats(D), new Float32Array(D)];
  const [h1, h3, gate, dGate, dH1, dH3] = [1, 2, 3, 4, 5, 6].map((seed) => floats(S * F, seed));
  const [scores, probabilities] = [floats(H * S * S), new Float32Array(H * S * S)];
  const norm = { rows: S, dim: D, eps, layout: "channelFirst", x, weight };
  const h = D / H;
  return [
    {
      name: "RMSNorm forward",
      bytes: 8 * S * D,
      run: () => ops.rmsNormForward({ ...norm, out }),
      loop: () => rmsNorm(norm, out),
    },
    {
      name: "RMSNorm backward",
      bytes: 12 * S * D,
      run: () => ops.rmsNormBackward({ ...norm, dOut, dx, dWeight }),
      loop: () => rmsNormBackward(norm, dOut, dx, dWeight),
    },
    {
      name: "SwiGLU forward",
      bytes: 12 * S * F,
      run: () => ops.swiGlu({ h1, h3, gate }),
      loop: () => {
        for (let i = 0; i < h1.length; i++) gate[i] = (h1[i] / (1 + Math.exp(-h1[i]))) * h3[i];
      },
    },
    {
      name: "SwiGLU backward",
      bytes: 20 * S * F,
      run: () => ops.swiGluBackward({ h1, h3, dGate, dH1, dH3 }),
      loop: () => {
        for (let i = 0; i < h1.length; i++) {
          const s = 1 / (1 + Math.exp(-h1[i]));
          dH1[i] = dGate[i] * h3[i] * s * (1 + h1[i] * (1 - s));
          dH3[i] = dGate[i] * h1[i] * s;
        }
      },
    },
    {
      name: "RoPE",
      bytes: 8 * S * D,
      run: () =>
        ops.ropeForward({
          x: out,
          rows: S,
          heads: H,
          headDim: h,
          theta: 1e4,
          layout: "channelFirst",
        }),
      loop: () => rope(out, { S, D, h }),
    },
    {
      name: "softmax of scores",
      bytes: 8 * H * S * S,
      run: () => ops.softmax({ outer: H * S, axis: S, inner: 1, x: scores, out: probabilities }),
      loop: () => softmax(scores, probabilities, S),
    },
  ];
}

function crossEntropy({ S, V }) {
  const [start, logits] = [floats(S * V), new Float32Array(S * V)];
  const targets = Uint16Array.from({ length: S }, (_, i) => (i * 7919) % V);
  const problem = { logits, targets, rows: S, classes: V, gradientScale: 1 / S };
  return {
    name: "cross-entropy with gradient, in place",
    ...{ bytes: 8 * S * V, pass: "inPlace", target: 1.5 },
    reset: () => logits.set(start),
    run: () => ops.crossEntropy(problem),
    loop: () => {
      softmax(logits, logits, V);
      for (let row = 0; row < S; row++) logits[row * V + targets[row]] -= 1;
      for (let i = 0; i < logits.length; i++) logits[i] /= S;
    },
  };
}

function adamW({ P }) {
  const [parameters, gradients, firstMoment, secondMoment] = [1, 2, 3, 4].map((s) => floats(P, s));
  for (let i = 0; i < P; i++) secondMoment[i] = Math.abs(secondMoment[i]);
  const [learningRate, beta1, beta2, epsilon, weightDecay, step] = [1e-4, 0.9, 0.95, 1e-8, 0.1, 10];
  const arrays = { parameters, gradients, firstMoment, secondMoment };
  const options = { ...arrays, learningRate, beta1, beta2, epsilon, weightDecay, step };
  return {
    name: `AdamW, ${(P / 1e6).toFixed(1)} M parameters`,
    ...{ bytes: 28 * P, pass: "update", target: 1.3 },
    run: () => ops.adamW(options),
    loop: () => {
      for (let i = 0; i < P; i++) {
        const g = gradients[i];
        const m = beta1 * firstMoment[i] + (1 - beta1) * g;
        const v = beta2 * secondMoment[i] + (1 - beta2) * g * g;
        [firstMoment[i], secondMoment[i]] = [m, v];
        const direction = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
        parameters[i] -= learningRate * (direction + weightDecay * parameters[i]);
      }
    },
  };
}

function vectors({ S, D, P }) {
  const [a, b, out] = [1, 2, 3].map((seed) => floats(S * D, seed));
  const long = floats(P);
  return [
    {
      name: "residual sum",
      bytes: 12 * S * D,
      run: () => ops.add(a, b, out),
      loop: () => {
        for (let i = 0; i < a.length; i++) out[i] = a[i] + b[i];
      },
    },
    {
      name: "gradient norm",
      ...{ bytes: 4 * P, pass: "read" },
      run: () => ops.sumOfSquares(long),
      loop: () => {
        let sum = 0;
        for (let i = 0; i < P; i++) sum += long[i] * long[i];
        out[0] = sum;
      },
    },
  ];
}

// — The straightforward loops that are longer than a line —

function rmsNorm({ rows, dim, x, weight }, out) {
  for (let s = 0; s < rows; s++) {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += x[d * rows + s] ** 2;
    const scale = 1 / Math.sqrt(sum / dim + eps);
    for (let d = 0; d < dim; d++) out[d * rows + s] = weight[d] * x[d * rows + s] * scale;
  }
}

function rmsNormBackward({ rows, dim, x, weight }, dOut, dx, dWeight) {
  for (let s = 0; s < rows; s++) {
    let [sum, product] = [0, 0];
    for (let d = 0; d < dim; d++) {
      sum += x[d * rows + s] ** 2;
      product += dOut[d * rows + s] * weight[d] * x[d * rows + s];
    }
    const scale = 1 / Math.sqrt(sum / dim + eps);
    for (let d = 0; d < dim; d++) {
      const i = d * rows + s;
      dWeight[d] += dOut[i] * x[i] * scale;
      dx[i] = scale * (dOut[i] * weight[d] - (x[i] * product * scale * scale) / dim);
    }
  }
}

function rope(x, { S, D, h }) {
  for (let d = 0; d < D; d += 2) {
    const frequency = 1e4 ** (-(d % h) / h);
    for (let s = 0; s < S; s++) {
      const [cos, sin] = [Math.cos(s * frequency), Math.sin(s * frequency)];
      const [even, odd] = [x[d * S + s], x[(d + 1) * S + s]];
      x[d * S + s] = even * cos - odd * sin;
      x[(d + 1) * S + s] = even * sin + odd * cos;
    }
  }
}

function softmax(x, out, length) {
  for (let start = 0; start < x.length; start += length) {
    let [largest, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let i = start; i < start + length; i++) largest = Math.max(largest, x[i]);
    for (let i = start; i < start + length; i++) {
      out[i] = Math.exp(x[i] - largest);
      sum += out[i];
    }
    for (let i = start; i < start + length; i++) out[i] /= sum;
  }
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** fp16 bits of a number whose half is normal, to nearest, ties to even. */
function halfBits(value) {
  float[0] = value;
  const word = bits[0];
  const rounded = ((word & 0x7fffffff) + 0xfff + ((word >>> 13) & 1) - 0x38000000) >>> 13;
  return ((word >>> 16) & 0x8000) | Math.max(0, rounded);
}

/** The number of normal fp16 bits. */
function halfValue(half) {
  bits[0] = ((half & 0x8000) << 16) | (((half & 0x7fff) << 13) + 0x38000000);
  return float[0];
}
