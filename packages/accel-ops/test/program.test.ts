/** Programs: every kind of step against the function of the same name, loops against their steps one by one. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  cpuInfo,
  elementwise,
  gemm,
  Opcode,
  Program,
  type ProgramBuffer,
  type ProgramStep,
  reduce,
  setThreads,
  softmax,
} from "../src/index.js";
import { digest } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const fp32 = (length: number): ProgramBuffer => ({ dtype: "fp32", length });

/** y = 2 x */
const doubling = {
  code: Int32Array.of(
    ...[Opcode.LOAD, 0, 0, 0],
    ...[Opcode.ADD, 0, 0, 0],
    ...[Opcode.STORE, 0, 0, 0],
  ),
  constants: new Float32Array(0),
  roundHalf: false,
};

/** Runs steps over copies of the arrays and returns those. */
function run(steps: readonly ProgramStep[], arrays: readonly Float32Array[]): Float32Array[] {
  const memory = arrays.map((array) => array.slice());
  new Program(
    arrays.map(({ length }) => fp32(length)),
    steps,
  ).run(memory);
  return memory;
}

describe("steps do what the functions of their names do", () => {
  test("gemm, with batches, strides and accumulation", () => {
    const [a, b, c] = [
      randomFloats(2 * 20 * 30, 1),
      randomFloats(2 * 30 * 40, 2),
      randomFloats(1600, 3),
    ];
    const shape = { m: 20, n: 40, k: 30 };
    const place = (buffer: number, rowStride: number, batchStride: number) => ({
      ...{ buffer, offset: 0, rowStride, columnStride: 1, batchStride },
    });
    const expected = c.slice();
    gemm({
      ...shape,
      a: { data: a, rowStride: 30, columnStride: 1 },
      b: { data: b, rowStride: 40, columnStride: 1 },
      c: { data: expected, rowStride: 40, columnStride: 1 },
      beta: 1,
      batch: { count: 2, aStride: 600, bStride: 1200, cStride: 800 },
    });
    const step = { kind: "gemm", ...shape, count: 2, accumulate: true } as const;
    const operands = { a: place(0, 30, 600), b: place(1, 40, 1200), c: place(2, 40, 800) };
    expect(run([{ ...step, ...operands }], [a, b, c])[2]).toEqual(expected);
  });

  test("elementwise, softmax, reduce and copy, one after the other", () => {
    const x = randomFloats(6 * 70, 4);
    const [twice, probs, sums] = [
      new Float32Array(420),
      new Float32Array(420),
      new Float32Array(6),
    ];
    const flat = { offset: 0, strides: [1] };
    elementwise({
      shape: [420],
      inputs: [{ data: x, ...flat }],
      outputs: [{ data: twice, ...flat }],
      ...doubling,
    });
    softmax({ outer: 6, axis: 70, inner: 1, x: twice, out: probs });
    reduce({ op: "max", outer: 6, axis: 70, inner: 1, x: probs, out: sums });
    const rows = { outer: 6, axis: 70, inner: 1 };
    const at = (buffer: number, offset = 0) => ({ buffer, offset });
    const results = run(
      [
        {
          kind: "elementwise",
          shape: [420],
          inputs: [{ buffer: 0, ...flat }],
          outputs: [{ buffer: 1, ...flat }],
          ...doubling,
        },
        { kind: "softmax", ...rows, x: at(1), out: at(2) },
        { kind: "reduce", op: "max", ...rows, x: at(2), out: at(3) },
        {
          kind: "copy",
          shape: [3],
          src: { ...at(3, 1), strides: [2] },
          dst: { ...at(3, 6), strides: [1] },
        },
      ],
      [x, new Float32Array(420), new Float32Array(420), new Float32Array(9)],
    );
    expect(results.slice(1, 3)).toEqual([twice, probs]);
    expect(results[3]).toEqual(Float32Array.of(...sums, sums[1]!, sums[3]!, sums[5]!));
  });
});

/** Attention of `heads` heads: buffers q, k, v, scores, a; one step per entry of a loop over the heads. */
const heads = 3;
const S = 96;
const h = 24;
const limits = Int32Array.from({ length: S }, (_, row) =>
  Math.min(S, Math.ceil((row + 1) / 32) * 32),
);
const [Q, K, V, SCORES, PROBS, A, DV] = [0, 1, 2, 3, 4, 5, 6];

function attention(stairs: boolean, guards: boolean): ProgramStep {
  const matrix = (buffer: number, rowStride: number, columnStride: number, size: number) => ({
    ...{ buffer, offset: 0, rowStride, columnStride, batchStride: 0 },
    loopStrides: [buffer === SCORES ? 0 : size],
  });
  const tokens = (buffer: number) => matrix(buffer, h, 1, S * h);
  const transposed = (buffer: number) => matrix(buffer, 1, h, S * h);
  const square = (buffer: number) => matrix(buffer, S, 1, S * S);
  const gemmOf = { kind: "gemm", count: 1, accumulate: false } as const;
  const whole = (buffer: number, columns: number) => ({
    ...(columns === h ? tokens(buffer) : square(buffer)),
    ...{ rows: S, columns },
  });
  const limited = stairs ? ({ stairs: true } as const) : {};
  return {
    kind: "loop",
    sizes: [heads],
    privates: [{ buffer: SCORES, byteOffset: 0 }],
    privateBytes: S * S * 4,
    steps: [
      ...(guards
        ? [
            {
              kind: "guard" as const,
              limits,
              guards: [
                { kind: "bounded" as const, a: whole(Q, h), b: whole(K, h), bound: 1e4 },
                { kind: "finite" as const, a: whole(V, h) },
              ],
            },
          ]
        : []),
      {
        ...gemmOf,
        m: S,
        n: S,
        k: h,
        a: tokens(Q),
        b: transposed(K),
        c: square(SCORES),
        ...(stairs ? { stairs: "c" as const } : {}),
      },
      {
        kind: "elementwise",
        shape: [S, S],
        inputs: [{ ...square(SCORES), strides: [S, 1] }],
        outputs: [{ ...square(PROBS), strides: [S, 1] }],
        ...doubling,
        ...limited,
      },
      {
        kind: "softmax",
        outer: S,
        axis: S,
        inner: 1,
        x: square(PROBS),
        out: square(PROBS),
        ...limited,
      },
      {
        ...gemmOf,
        m: S,
        n: h,
        k: S,
        a: square(PROBS),
        b: tokens(V),
        c: tokens(A),
        ...(stairs ? { stairs: "a" as const } : {}),
      },
      {
        ...gemmOf,
        ...{ m: h, n: S, k: S, a: transposed(Q), b: square(PROBS), c: matrix(DV, S, 1, S * h) },
        ...(stairs ? { stairs: "b" as const } : {}),
      },
    ],
  };
}

function attentionMemory(): Float32Array[] {
  const tensor = (seed: number) => randomFloats(heads * S * h, seed);
  const empty = (count: number) => new Float32Array(count);
  return [
    tensor(1),
    tensor(2),
    tensor(3),
    empty(S * S),
    empty(heads * S * S),
    empty(heads * S * h),
    empty(heads * S * h),
  ];
}

/** The same in plain loops and float64: of each row, the columns below its limit only. */
function expectedAttention([q, k, v]: readonly Float32Array[], bound: (row: number) => number) {
  const probs = new Float64Array(heads * S * S);
  const [a, dv] = [new Float64Array(heads * S * h), new Float64Array(heads * S * h)];
  for (let head = 0; head < heads; head++) {
    const at = head * S * h;
    for (let t = 0; t < S; t++) {
      const row = probs.subarray((head * S + t) * S, (head * S + t) * S + bound(t));
      row.forEach((_, s) => {
        let sum = 0;
        for (let c = 0; c < h; c++) sum += q![at + t * h + c]! * k![at + s * h + c]!;
        row[s] = 2 * sum;
      });
      const top = Math.max(...row);
      let total = 0;
      row.forEach((score, s) => {
        row[s] = Math.exp(score - top);
        total += row[s]!;
      });
      row.forEach((_, s) => {
        row[s]! /= total;
        for (let c = 0; c < h; c++) {
          a[at + t * h + c]! += row[s]! * v![at + s * h + c]!;
          dv[at + c * S + s]! += row[s]! * q![at + t * h + c]!;
        }
      });
    }
  }
  return [probs, a, dv];
}

function expectClose(actual: readonly Float32Array[], expected: readonly Float64Array[]): void {
  actual.forEach((array, i) => {
    let worst = 0;
    array.forEach((value, at) => {
      worst = Math.max(worst, Math.abs(value - expected[i]![at]!));
    });
    expect(worst).toBeLessThan(1e-4);
  });
}

describe("loops", () => {
  test("a loop over heads, with what its entries hand on in private memory", () => {
    const memory = attentionMemory();
    const results = run([attention(false, false)], memory);
    expectClose(
      results.slice(PROBS),
      expectedAttention(memory, () => S),
    );
    expect(results[SCORES]).toEqual(memory[SCORES]);
  });

  test("with stairs, rows end at their limits", () => {
    const memory = attentionMemory();
    const results = run([attention(true, true)], memory);
    expectClose(
      results.slice(PROBS),
      expectedAttention(memory, (row) => limits[row]!),
    );
  });

  test("where a guard fails, an entry is computed in full, and no other", () => {
    const memory = attentionMemory();
    // Row 0 of the second head of v.
    memory[V]![S * h] = Number.POSITIVE_INFINITY;
    memory[Q]![2 * S * h] = 1e6;
    const [limited, full] = [attention(true, true), attention(false, false)].map((loop) =>
      run([loop], memory),
    );
    const head = (results: readonly Float32Array[], index: number) =>
      results
        .slice(PROBS)
        .map((array) =>
          array.subarray((index * array.length) / heads, ((index + 1) * array.length) / heads),
        );
    expect(head(limited!, 1)).toEqual(head(full!, 1));
    expect(head(limited!, 2)).toEqual(head(full!, 2));
    expectClose(
      head(limited!, 0),
      expectedAttention(memory, (row) => limits[row]!).map((all) =>
        all.subarray(0, all.length / heads),
      ),
    );
  });

  test("results do not depend on the number of threads", () => {
    const { threads } = cpuInfo();
    const results = [1, 2, 5].map((count) => {
      setThreads(count);
      return digest(...run([attention(true, true)], attentionMemory()));
    });
    setThreads(threads);
    for (const result of results) expect(result).toBe(results[0]);
  });
});

/** Products of a lower triangular matrix, on either side, transposed or not. */
describe("products with stairs", () => {
  const rows = 100;
  const triangle = Int32Array.from({ length: rows }, (_, row) => row + 1);
  const T = randomFloats(rows * rows, 5).map((value, i) =>
    i % rows > Math.floor(i / rows) ? 0 : value,
  );
  const other = randomFloats(rows * 40, 6);
  const straight = { rowStride: rows, columnStride: 1 };
  const turned = { rowStride: 1, columnStride: rows };
  const cases = {
    a: { m: rows, n: 40, a: straight, b: { rowStride: 40, columnStride: 1 } },
    aTransposed: { m: rows, n: 40, a: turned, b: { rowStride: 40, columnStride: 1 } },
    b: { m: 40, n: rows, a: { rowStride: rows, columnStride: 1 }, b: straight },
    bTransposed: { m: 40, n: rows, a: { rowStride: rows, columnStride: 1 }, b: turned },
  } as const;
  for (const [stairs, { m, n, a, b }] of Object.entries(cases)) {
    for (const major of ["row", "column"]) {
      test(`${stairs}, ${major}-major`, () => {
        const isLeft = stairs.startsWith("a");
        const [left, right] = isLeft ? [T, other] : [other, T];
        const c =
          major === "row" ? { rowStride: n, columnStride: 1 } : { rowStride: 1, columnStride: m };
        const place = (buffer: number) => ({ buffer, offset: 0, batchStride: 0, loopStrides: [0] });
        const step = {
          ...({ kind: "gemm", m, n, k: rows, count: 1, accumulate: false } as const),
          ...{ a: { ...place(0), ...a }, b: { ...place(1), ...b }, c: { ...place(2), ...c } },
        };
        const loopOf = (steps: Extract<ProgramStep, { kind: "loop" }>["steps"]): ProgramStep => ({
          ...{ kind: "loop", sizes: [1], privates: [], privateBytes: 0, steps },
        });
        const guard = { kind: "guard", limits: triangle, guards: [] } as const;
        const memory = [left, right, new Float32Array(m * n)];
        const limited = run(
          [loopOf([guard, { ...step, stairs: stairs as keyof typeof cases }])],
          memory,
        );
        expect(limited[2]).toEqual(run([loopOf([step])], memory)[2]);
      });
    }
  }
});

describe("rules", () => {
  const place = { buffer: 0, offset: 0 };
  const rows = { kind: "softmax", outer: 2, axis: 8, inner: 1, x: place } as const;
  const wrong: Record<string, [steps: ProgramStep[], message: RegExp]> = {
    "operands lie within their buffers": [
      [{ ...rows, out: { buffer: 1, offset: 1 } }],
      /Program\.steps\[0\]: softmax\.out: must lie within the 16 elements of its buffer, got 17\./,
    ],
    "buffers exist": [
      [{ ...rows, out: { buffer: 7, offset: 0 } }],
      /must name a buffer of the program, got 7/,
    ],
    "entries of a loop lie within their buffers": [
      [
        {
          kind: "loop",
          sizes: [2],
          privates: [],
          privateBytes: 0,
          steps: [
            {
              ...rows,
              x: { ...place, loopStrides: [1] },
              out: { buffer: 1, offset: 0, loopStrides: [0] },
            },
          ],
        },
      ],
      /steps\[0\]\.steps\[0\]|must lie within/,
    ],
    "stairs need a guard with limits": [
      [
        {
          kind: "loop",
          sizes: [1],
          privates: [],
          privateBytes: 0,
          steps: [
            {
              ...rows,
              x: { ...place, loopStrides: [0] },
              out: { buffer: 1, offset: 0, loopStrides: [0] },
              stairs: true,
            },
          ],
        },
      ],
      /stairs need 2 limits, got 0/,
    ],
    "guards are part of a loop": [
      [{ kind: "guard", limits: Int32Array.of(1), guards: [] }],
      /must be inside a loop/,
    ],
    "limits never fall": [
      [
        {
          kind: "loop",
          sizes: [1],
          privates: [],
          privateBytes: 0,
          steps: [{ kind: "guard", limits: Int32Array.of(2, 1), guards: [] }],
        },
      ],
      /limits\[1\]: must be at least 1 and never fall, got 1/,
    ],
    "private memory is within its bytes": [
      [
        {
          kind: "loop",
          sizes: [1],
          privates: [{ buffer: 1, byteOffset: 64 }],
          privateBytes: 64,
          steps: [],
        },
      ],
      /privates: must lie within 64 bytes/,
    ],
  };
  for (const [rule, [steps, message]] of Object.entries(wrong)) {
    test(rule, () => {
      const build = () => new Program([fp32(16), fp32(16)], steps);
      expect(build).toThrow(ArgumentError);
      expect(build).toThrow(message);
    });
  }

  test("the memory of a run has the buffers' dtypes and lengths", () => {
    const program = new Program([fp32(16), fp32(16)], [{ ...rows, out: { buffer: 1, offset: 0 } }]);
    const good = new Float32Array(16);
    expect(() => program.run([good, new Uint16Array(16)])).toThrow(
      "Program.run: memory[1]: must be a Float32Array of at least 16 elements, got Uint16Array of length 16.",
    );
    expect(() => program.run([new Float32Array(15), good])).toThrow(ArgumentError);
    expect(() => program.run([good])).toThrow(ArgumentError);
  });
});
