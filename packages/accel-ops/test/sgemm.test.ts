import { expect, test } from "vitest";
import { ArgumentError, sgemm } from "../src/index.js";
import { randomFloats } from "./support/random.js";

test.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])("row-major with leading dimensions, transposed: %s, %s", (transA, transB) => {
  const [m, n, k] = [23, 37, 19];
  const [lda, ldb, ldc] = [transA ? m + 2 : k + 1, transB ? k + 3 : n, n + 4];
  const a = randomFloats((transA ? k : m) * lda, 1);
  const b = randomFloats((transB ? n : k) * ldb, 2);
  const c = randomFloats(m * ldc, 3);
  const before = c.slice();
  sgemm({ transA, transB, m, n, k, alpha: -2, a, lda, b, ldb, beta: 0.5, c, ldc });
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < ldc; j++) {
      const old = before[i * ldc + j]!;
      if (j >= n) {
        expect(c[i * ldc + j]).toBe(old);
        continue;
      }
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum += a[transA ? l * lda + i : i * lda + l]! * b[transB ? j * ldb + l : l * ldb + j]!;
      }
      expect(c[i * ldc + j]).toBeCloseTo(-2 * sum + 0.5 * old, 5);
    }
  }
});

test("wrong arguments are errors", () => {
  const square = new Float32Array(9);
  const scales = { alpha: 1, beta: 0, transA: false, transB: false };
  const valid = { ...scales, m: 3, n: 3, k: 3, a: square, lda: 3, b: square, ldb: 3, ldc: 3 };
  const c = new Float32Array(9);
  expect(() => sgemm({ ...valid, c, ldb: 2 })).toThrow(
    new ArgumentError("sgemm.ldb: must be at least the length of a row, 3, got 2."),
  );
  expect(() => sgemm({ ...valid, c, lda: 4 })).toThrow("must have at least 11 elements");
  expect(() => sgemm({ ...valid, c: square })).toThrow("must not overlap a");
  expect(() => sgemm({ ...valid, c, b: new Uint16Array(9) as unknown as Float32Array })).toThrow(
    "sgemm.b: must be a Float32Array, got Uint16Array of length 9.",
  );
});
