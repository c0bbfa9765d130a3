import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { ArgumentError, cpuInfo, setThreads } from "../src/index.js";

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs JavaScript with the addon in a process of its own. */
function run(script: string, env: Record<string, string>) {
  const source = `const native = require("node-gyp-build")(${JSON.stringify(packageFolder)}); ${script}`;
  const options = {
    encoding: "utf8",
    cwd: packageFolder,
    env: { ...process.env, ...env },
  } as const;
  return spawnSync(process.execPath, ["-e", source], options);
}

const initialThreads = cpuInfo().threads;
afterEach(() => setThreads(initialThreads));

test("says what the processor has and what is used of it", () => {
  const { arch, isa, features, gemm } = cpuInfo();
  expect(arch).toBe(process.arch);
  expect(["scalar", "avx2", "avx512", "neon"]).toContain(isa);
  if (isa !== "scalar") expect(features).toContain(isa);
  expect(gemm).toBe(process.platform === "darwin" ? "accelerate" : "packed");
});

test("threads: those of the hardware, ANE_THREADS, or as set", () => {
  const threads = (env: Record<string, string>) =>
    Number(run("console.log(native.cpuInfo().threads)", env).stdout);
  expect(threads({ ANE_THREADS: "" })).toBeGreaterThanOrEqual(1);
  expect(threads({ ANE_THREADS: "" })).toBeLessThanOrEqual(availableParallelism());
  expect(threads({ ANE_THREADS: "3" })).toBe(3);
  for (const count of [1, 4, 2]) {
    setThreads(count);
    expect(cpuInfo().threads).toBe(count);
  }
});

test("a wrong number of threads is an error", () => {
  for (const wrong of ["0", "257", "two", "1.5"]) {
    const { status, stderr } = run("", { ANE_THREADS: wrong });
    expect(status).not.toBe(0);
    expect(stderr).toContain(`ANE_THREADS: must be an integer from 1 to 256, got "${wrong}".`);
  }
  for (const wrong of [0, 257, 1.5, Number.NaN]) {
    expect(() => setThreads(wrong)).toThrow(ArgumentError);
    expect(() => setThreads(wrong)).toThrow(
      `setThreads.count: must be an integer, 1 to 256, got ${wrong}.`,
    );
  }
});

test("a process may exit with background work pending", () => {
  const script = `
    const length = 256 * 256;
    const [a, b, c] = [0, 0, 0].map(() => new Float32Array(length));
    const sizes = Float64Array.of(256, 256, 256, 1, 0, 256, 1, 0, 0, 256, 1, 0, 0, 256, 1, 0, 1, 1);
    const queue = native.createQueue();
    for (let i = 0; i < 2000; i++) native.queueGemm(queue, a, b, c, sizes);`;
  for (const end of ["", "process.exit(0);"]) {
    const { status, signal, stderr } = run(script + end, { ANE_THREADS: "3" });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
  }
});
