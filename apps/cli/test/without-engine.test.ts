/**
 * `ane selftest`, `ane doctor` and `ane bench` as users run them (built) on a machine without a Neural Engine. With one, real or
 * fake, see packages/ane-runtime/darwin/test/command-line.test.ts.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "main.js");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ane(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { ANE_RUNTIME_BINDING: _fake, ...own } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...own, NO_COLOR: "1", ...env },
  });
  return { status, stdout, stderr };
}

const withoutEngine = describe.skipIf(process.platform === "darwin" && process.arch === "arm64");

withoutEngine("where there is no engine", () => {
  it.each(["auto", "ane"])(
    "selftest --device %s says so, with the remedy, and writes nothing",
    (device) => {
      const { status, stderr } = ane(["selftest", "--device", device]);
      expect(status).toBe(1);
      expect(stderr).toContain(`got ${process.platform}-${process.arch}`);
      expect(stderr).toContain("ane selftest --device cpu");
      expect(existsSync(join(folder, "ane-selftest.json"))).toBe(false);
    },
  );

  it("bench --device ane says so", () => {
    const { status, stdout, stderr } = ane(["bench", "--device", "ane"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("needs Apple silicon");
  });

  it("doctor explains it and finds the rest in order", () => {
    const { status, stdout } = ane(["doctor"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok {4}node .*20\.15 or newer/m);
    expect(stdout).toMatch(/^ok {4}cpu addon .*accel[_-]ops/m);
    expect(stdout).toMatch(/^warn {2}apple silicon /m);
    expect(stdout).toMatch(/^warn {2}engine addon .*needs Apple silicon/m);
    expect(stdout).toMatch(/^ok {4}cpu trial .*fwdFFN is right/m);
  });

  it("doctor lists the files that were tried for an addon that was named", () => {
    const { stdout } = ane(["doctor"], { ANE_RUNTIME_BINDING: "/nowhere/ane_runtime.node" });
    expect(stdout).toMatch(/^warn {2}engine addon /m);
    expect(stdout).toContain("/nowhere/ane_runtime.node: no such file");
  });
});

describe("everywhere", () => {
  it("selftest --device cpu compares every kernel with the interpreter and writes both reports", () => {
    const { status, stdout } = ane(["selftest", "--device", "cpu", "--model", "stories260k"]);
    expect(status).toBe(0);
    expect(stdout).toContain("11 of 11 kernels work");
    const report = JSON.parse(readFileSync(join(folder, "ane-selftest.json"), "utf8"));
    expect(report).toMatchObject({
      format: "ane-selftest-1",
      working: 11,
      sequence: 32,
      probes: [],
    });
    expect(report.kernels[0].tensors[0]).toMatchObject({
      name: "o",
      tolerance: expect.any(Number),
    });
    expect(readFileSync(join(folder, "ane-selftest.md"), "utf8")).toContain(
      "this is the cpu device",
    );
  });

  it("selftest refuses a model that has no kernels, and a text that no case has", () => {
    const uneven = ane(["selftest", "--device", "cpu", "--model", "stories260k", "--seq", "48"]);
    expect(uneven.status).toBe(2);
    expect(uneven.stderr).toContain("expected a multiple of 32");
    const none = ane(["selftest", "--device", "cpu", "--only", "kernel/none"]);
    expect(none.stderr).toContain('got "kernel/none"');
  });

  it("doctor --json is one object whose failures have remedies", () => {
    const { checks } = JSON.parse(ane(["doctor", "--json"]).stdout);
    expect(checks.length).toBeGreaterThan(12);
    for (const { status, remedy } of checks) expect(remedy === undefined).toBe(status === "ok");
  });

  it("doctor survives a cpu addon that cannot be loaded", () => {
    const { status, stdout } = ane(["doctor"], { "@ANE/ACCEL_OPS_PREBUILD": "/nowhere" });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^fail {2}cpu addon /m);
    expect(stdout).toMatch(/^ok {4}node /m);
  });

  it("a command that needs the cpu addon says how to get it, without a stack", () => {
    const { status, stdout, stderr } = ane(["train"], { "@ANE/ACCEL_OPS_PREBUILD": "/nowhere" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Error: @ane\/accel-ops: .*build:native/);
    expect(stderr).toContain("ane doctor");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("bench --device cpu measures everything but int8", () => {
    const { status, stdout } = ane(["bench", "--device", "cpu", "--quick", "--json"]);
    expect(status).toBe(0);
    const { peaks, measurements } = JSON.parse(stdout);
    expect(peaks).toEqual({ fp16: expect.any(Number), int8: null });
    expect(measurements.map(({ unit }: { unit: string }) => unit)).toEqual([
      "ms",
      "ms",
      "ms",
      "GB/s",
      "GB/s",
      "TFLOPS",
    ]);
  });
});
