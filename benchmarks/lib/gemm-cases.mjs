/** Every matrix product of a micro-step at a model's sizes: C[m, n] = A[m, k] B[k, n], as the trainer and the cpu device call it. */
import { gemm } from "@ane/accel-ops";

/**
 * @param {{ S, D, F, QD, KD, H, h, V }} dims
 * @returns {{ name: string, m: number, n: number, k: number, count: number, flops: number, run(precision?: "bf16"): void,
 *   loop(): { flops: number, ms: number } }[]} `run` does one product; `loop` does some rows of it in three plain loops, and
 *   says how much that was and how long it took
 */
export function gemmCases({ S, D, F, QD, KD, H, h, V }) {
  const matrices = [
    ["wq", QD, D],
    ["wk", KD, D],
    ["wo", D, QD],
    ["w1", F, D],
    ["w2", D, F],
  ].filter(([name]) => KD !== QD || name !== "wk");
  return [
    ...matrices.map(([name, out, input]) =>
      product(`forward ${name}`, ["fp16", "fp16", "fp16"], [out, S, input]),
    ),
    ...matrices.map(([name, out, input]) =>
      product(`dx ${name}`, ["fp16", "fp16", "fp16"], [input, S, out], { transposeA: true }),
    ),
    ...matrices.map(([name, out, input]) =>
      product(`dW ${name}`, ["fp16", "fp16", "fp32"], [out, input, S], {
        transposeB: true,
        beta: 1,
      }),
    ),
    product("scores q·kᵀ", ["fp16", "fp16", "fp16"], [S, S, h], { transposeA: true, count: H }),
    product("probabilities·v", ["fp16", "fp16", "fp16"], [h, S, S], { transposeB: true, count: H }),
    product("logits", ["fp32", "fp32", "fp32"], [S, V, D], { transposeB: true }),
    product("d(final norm)", ["fp32", "fp32", "fp32"], [S, D, V]),
    product("dW classifier", ["fp32", "fp32", "fp32"], [V, D, S], { transposeA: true, beta: 1 }),
  ];
}

function product(name, types, [m, n, k], { transposeA, transposeB, beta = 0, count = 1 } = {}) {
  const [a, b, c] = [m * k, k * n, m * n].map((size, i) => values(types[i], size * count));
  const view = (data, rows, columns, transposed) =>
    transposed
      ? { data, rowStride: 1, columnStride: rows }
      : { data, rowStride: columns, columnStride: 1 };
  const problem = {
    ...{ m, n, k, beta },
    a: view(a, m, k, transposeA),
    b: view(b, k, n, transposeB),
    c: view(c, m, n),
    ...(count > 1 && { batch: { count, aStride: m * k, bStride: k * n, cStride: m * n } }),
  };
  return {
    ...{ name, m, n, k, count, flops: 2 * m * n * k * count },
    run: (precision) => gemm(precision ? { ...problem, precision } : problem),
    loop: () => plainRows(problem, Math.min(m, Math.ceil(1e7 / (n * k)))),
  };
}

/** The first rows of a product in fp32, as one would write it down. */
function plainRows({ n, k, a, b }, rows) {
  const [left, right] = [Float32Array.from(a.data), Float32Array.from(b.data)];
  const out = new Float32Array(rows * n);
  const start = performance.now();
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < k; p++) {
      const factor = left[i * a.rowStride + p * a.columnStride];
      for (let j = 0; j < n; j++) {
        out[i * n + j] += factor * right[p * b.rowStride + j * b.columnStride];
      }
    }
  }
  return { flops: 2 * rows * n * k, ms: performance.now() - start };
}

/** Numbers around 0, of magnitude 1/8 to 1/4. */
function values(type, length) {
  if (type === "fp32")
    return Float32Array.from({ length }, (_, i) => ((i * 7919) % 1024) / 2048 - 0.25);
  return Uint16Array.from({ length }, (_, i) => ((i & 1) << 15) | 0x3000 | ((i * 7919) & 0x3ff));
}
