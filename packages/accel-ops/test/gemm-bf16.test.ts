import { expect, test } from "vitest";
import {
  ArgumentError,
  BackgroundQueue,
  cpuInfo,
  type GemmOptions,
  gemm,
  setThreads,
} from "../src/index.js";
import {
  asNumbers,
  bits,
  expectClose,
  gemmReference,
  randomReal,
} from "./support/gemm-reference.js";
import { floats } from "./support/half.js";

const available = cpuInfo().features.includes("bf16");
const reason = available ? "" : ": this processor, or the instruction set in use, has no bf16";

/** To nearest even, as the processor does. */
function roundedToBf16(values: Float32Array): Float32Array {
  const words = new Uint32Array(Float32Array.from(values).buffer);
  for (let i = 0; i < words.length; i++) {
    words[i] = (words[i]! + 0x7fff + ((words[i]! >>> 16) & 1)) & 0xffff0000;
  }
  return new Float32Array(words.buffer);
}

type DType = "fp16" | "fp32";

function problem([m, n, k]: readonly number[], type: DType, byRows: boolean): GemmOptions {
  const strides = (rows: number, columns: number, contiguous: boolean) =>
    contiguous ? { rowStride: columns, columnStride: 1 } : { rowStride: 1, columnStride: rows };
  return {
    m: m!,
    n: n!,
    k: k!,
    a: { data: randomReal(type, m! * k!, 1), ...strides(m!, k!, byRows) },
    b: { data: randomReal(type, k! * n!, 2), ...strides(k!, n!, !byRows) },
    c: { data: randomReal(type, m! * n!, 3), rowStride: n!, columnStride: 1 },
    beta: 1,
    precision: "bf16",
  };
}

/** The same product of factors that are rounded already. */
function exactly(options: GemmOptions): GemmOptions {
  const rounded = (view: GemmOptions["a"]) => ({
    ...view,
    data: roundedToBf16(asNumbers(view.data)),
  });
  return { ...options, a: rounded(options.a), b: rounded(options.b) };
}

const shapes = [
  [1, 1, 1],
  [13, 33, 2],
  [53, 71, 37],
  [5, 70, 33],
  [40, 50, 1301],
  [768, 64, 256],
];

for (const type of ["fp16", "fp32"] as const) {
  for (const byRows of [true, false]) {
    test.skipIf(!available).each(shapes)(
      `${type}, depth ${byRows ? "" : "not "}contiguous, %i x %i x %i: sums of rounded factors in fp32${reason}`,
      (...shape) => {
        const options = problem(shape, type, byRows);
        const reference = gemmReference(exactly(options));
        gemm(options);
        expectClose(options.c.data, reference);
      },
    );
  }
}

test.skipIf(!available)(
  `within 2^-7 of the sum of absolute products of exact factors${reason}`,
  () => {
    const options = { ...problem([60, 70, 500], "fp32", true), beta: 0 };
    const absolute = (view: GemmOptions["a"]) => ({
      ...view,
      data: asNumbers(view.data).map(Math.abs),
    });
    const { expected } = gemmReference(options);
    const bound = { ...options, a: absolute(options.a), b: absolute(options.b) };
    const magnitudes = gemmReference({
      ...bound,
      c: { ...options.c, data: new Float32Array(4200) },
    });
    gemm(options);
    for (let i = 0; i < expected.length; i++) {
      const error = Math.abs((options.c.data as Float32Array)[i]! - expected[i]!);
      expect(error).toBeLessThanOrEqual(magnitudes.expected[i]! * 2 ** -7);
    }
  },
);

test.skipIf(!available)(`any strides${reason}`, () => {
  const options = problem([30, 40, 21], "fp16", true);
  const data = new Uint16Array(30 * 21 * 3);
  const source = options.a.data as Uint16Array;
  source.forEach((value, i) => {
    data[3 * i] = value;
  });
  const strided = { ...options, a: { data, rowStride: 63, columnStride: 3 } };
  const c = { ...options.c, data: (options.c.data as Uint16Array).slice() };
  gemm(options);
  gemm({ ...strided, c });
  expect(floats(c.data)).toEqual(floats(options.c.data as Uint16Array));
});

test.skipIf(!available)(
  `the same bits for any number of threads and in the background${reason}`,
  () => {
    const results = [1, 2, 5].map((threads) => {
      setThreads(threads);
      const options = problem([300, 290, 515], "fp32", false);
      gemm(options);
      return bits(options.c.data);
    });
    setThreads(2);
    const queued = problem([300, 290, 515], "fp32", false);
    const queue = new BackgroundQueue();
    queue.gemm(queued);
    queue.wait();
    for (const other of [results[1]!, results[2]!, bits(queued.c.data)]) {
      expect(other.equals(results[0]!)).toBe(true);
    }
  },
);

test.skipIf(available)("refused where the processor, or ANE_ACCEL_ISA, has none", () => {
  expect(() => gemm(problem([4, 4, 4], "fp32", true))).toThrow(ArgumentError);
  expect(() => gemm(problem([4, 4, 4], "fp32", true))).toThrow("gemm.precision: must be");
});
