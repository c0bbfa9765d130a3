import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  BackgroundQueue,
  type GemmOptions,
  gemm,
  setThreads,
} from "../src/index.js";
import { randomReal } from "./support/gemm-reference.js";
import { digest } from "./support/numeric.js";

afterEach(() => setThreads(2));

/** dW += dY X^T, as a training step gives to the queue. */
function gradient(m: number, n: number, k: number, seed: number, c: Float32Array): GemmOptions {
  const a = { data: randomReal("fp16", m * k, seed), rowStride: k, columnStride: 1 };
  const b = { data: randomReal("fp16", n * k, seed + 1), rowStride: 1, columnStride: k };
  return { m, n, k, a, b, c: { data: c, rowStride: n, columnStride: 1 }, beta: 1 };
}

const shapes = [
  [96, 160, 64],
  [200, 64, 256],
  [1, 300, 128],
  [260, 260, 40],
  [33, 47, 700],
] as const;

describe.each([1, 2, 4])("with %i threads", (threads) => {
  test("the same bits as gemm, while gemm runs in the foreground", () => {
    setThreads(threads);
    const expected = shapes.map(([m, n]) => new Float32Array(m * n));
    const actual = shapes.map(([m, n]) => new Float32Array(m * n));
    const front = gradient(150, 170, 130, 50, new Float32Array(150 * 170));
    const frontAlone = { ...front, beta: 0, c: { ...front.c, data: new Float32Array(150 * 170) } };
    gemm(frontAlone);
    const queue = new BackgroundQueue();
    for (let round = 0; round < 8; round++) {
      shapes.forEach(([m, n, k], i) => {
        gemm(gradient(m, n, k, i, expected[i]!));
        queue.gemm(gradient(m, n, k, i, actual[i]!));
        gemm({ ...front, beta: 0 });
        expect(digest(front.c.data)).toBe(digest(frontAlone.c.data));
      });
    }
    queue.wait();
    expect(queue.pending).toBe(0);
    expect(digest(...actual)).toBe(digest(...expected));
  });

  test("waits for the older products alone on request", () => {
    setThreads(threads);
    const results = shapes.map(([m, n]) => new Float32Array(m * n));
    const expected = shapes.map(([m, n]) => new Float32Array(m * n));
    shapes.forEach(([m, n, k], i) => {
      gemm(gradient(m, n, k, i, expected[i]!));
    });
    using queue = new BackgroundQueue();
    shapes.forEach(([m, n, k], i) => {
      queue.gemm(gradient(m, n, k, i, results[i]!));
    });
    queue.wait(2);
    expect(queue.pending).toBeLessThanOrEqual(2);
    if (threads === 1) expect(queue.pending).toBe(2);
    expect(digest(...results.slice(0, -2))).toBe(digest(...expected.slice(0, -2)));
    queue.wait();
    expect(digest(...results)).toBe(digest(...expected));
    expect(() => queue.wait(-1)).toThrow(ArgumentError);
  });

  test("products of one queue run in order", () => {
    setThreads(threads);
    const length = 64 * 64;
    const identity = Float32Array.from({ length }, (_, i) => (i % 65 === 0 ? 1 : 0));
    const square = (data: Float32Array) => ({ data, rowStride: 64, columnStride: 1 });
    const stages = Array.from({ length: 20 }, () => new Float32Array(length));
    stages[0]!.set(randomReal("fp32", length, 1));
    using queue = new BackgroundQueue();
    for (let i = 1; i < 20; i++) {
      const [a, c] = [square(stages[i - 1]!), square(stages[i]!)];
      queue.gemm({ m: 64, n: 64, k: 64, a, b: square(identity), c });
    }
    queue.wait();
    expect(digest(stages[19]!)).toBe(digest(stages[0]!));
  });
});

test("pending counts what is not complete; with one thread that is everything until wait", () => {
  setThreads(1);
  const queue = new BackgroundQueue();
  const c = new Float32Array(64 * 64);
  expect(queue.pending).toBe(0);
  queue.gemm(gradient(64, 64, 64, 1, c));
  queue.gemm(gradient(64, 64, 64, 3, c));
  expect(queue.pending).toBe(2);
  expect(c.every((value) => value === 0)).toBe(true);
  queue.wait();
  expect(queue.pending).toBe(0);
  expect(c.some((value) => value !== 0)).toBe(true);
});

test("workers compute while the caller does something else", async () => {
  setThreads(2);
  using queue = new BackgroundQueue();
  queue.gemm(gradient(300, 300, 300, 1, new Float32Array(300 * 300)));
  while (queue.pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});

test("disposing waits", () => {
  const c = new Float32Array(64 * 64);
  {
    using queue = new BackgroundQueue();
    queue.gemm(gradient(64, 64, 64, 1, c));
  }
  const expected = new Float32Array(64 * 64);
  gemm(gradient(64, 64, 64, 1, expected));
  expect(digest(c)).toBe(digest(expected));
});

test("an error in the arguments is thrown at once and leaves the queue as it was", () => {
  const queue = new BackgroundQueue();
  const [c, expected] = [new Float32Array(128 * 128), new Float32Array(128 * 128)];
  queue.gemm(gradient(128, 128, 128, 1, c));
  const wrong = gradient(128, 128, 128, 1, new Float32Array(5));
  expect(() => queue.gemm(wrong)).toThrow(ArgumentError);
  expect(() => queue.gemm(wrong)).toThrow("BackgroundQueue.gemm.c.data: must have at least 16384");
  queue.gemm(gradient(128, 128, 128, 3, c));
  queue.wait();
  gemm(gradient(128, 128, 128, 1, expected));
  gemm(gradient(128, 128, 128, 3, expected));
  expect(digest(c)).toBe(digest(expected));
});

test("several queues are independent", () => {
  const queues = Array.from({ length: 5 }, () => new BackgroundQueue());
  const results = queues.map(() => new Float32Array(100 * 100));
  queues.forEach((queue, i) => {
    for (let j = 0; j < 4; j++) queue.gemm(gradient(100, 100, 90, j, results[i]!));
  });
  for (const queue of [...queues].reverse()) queue.wait();
  expect(new Set(results.map((result) => digest(result))).size).toBe(1);
});

test("setThreads may change while products are pending", () => {
  const [c, expected] = [new Float32Array(200 * 200), new Float32Array(200 * 200)];
  const queue = new BackgroundQueue();
  for (let i = 0; i < 12; i++) {
    queue.gemm(gradient(200, 200, 100, i, c));
    gemm(gradient(200, 200, 100, i, expected));
    setThreads(1 + (i % 3));
  }
  queue.wait();
  expect(digest(c)).toBe(digest(expected));
});

/** JavaScript that runs in a thread of its own with the addon, `gemm` being the native function. */
function startWorker(body: string): Worker {
  const source = `
    const { parentPort } = require("node:worker_threads");
    const native = require("node-gyp-build")(process.cwd());
    const length = 128 * 128;
    const [a, b] = [1, 2].map((factor) => Float32Array.from({ length }, (_, i) => (i * factor) % 7));
    const sizes = Float64Array.of(128, 128, 128, 1, 0, 128, 1, 0, 0, 128, 1, 0, 0, 128, 1, 0, 1, 1);
    const queue = native.createQueue();
    ${body}`;
  return new Worker(source, { eval: true });
}

describe("worker_threads", () => {
  test("several threads compute at once, in foreground and background", async () => {
    const workers = Array.from({ length: 4 }, () =>
      startWorker(`
        const c = new Float32Array(length);
        for (let i = 0; i < 50; i++) {
          native.queueGemm(queue, a, b, c, sizes);
          native.gemm(a, b, new Float32Array(length), sizes);
        }
        native.queueWait(queue, 0);
        parentPort.postMessage(c);`),
    );
    const results = await Promise.all(
      workers.map(async (worker) => {
        const [[c]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
        return digest(c as Float32Array);
      }),
    );
    expect(new Set(results).size).toBe(1);
  });

  test("a thread may end, or be terminated, with products pending", async () => {
    const push = `
      for (let i = 0; i < 200; i++) native.queueGemm(queue, a, b, new Float32Array(length), sizes);
      parentPort.postMessage("pushed");`;
    const ending = startWorker(push);
    await once(ending, "exit");
    const endless = startWorker(`${push} setInterval(() => {}, 1000);`);
    await once(endless, "message");
    await endless.terminate();
    const c = new Float32Array(64 * 64);
    gemm(gradient(64, 64, 64, 1, c));
    expect(c.some((value) => value !== 0)).toBe(true);
  });
});
