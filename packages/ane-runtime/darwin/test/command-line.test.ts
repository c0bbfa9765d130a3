/**
 * `ane selftest`, `ane doctor`, `ane bench` and `ane train` as a user runs them (built), on the fake engine: what works is reported as such, and
 * so is every injected fault. Their own code is JavaScript, so one build of the addon is enough.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bindingFolder } from "./support/fake.js";
import { ownTemporary } from "./support/folders.js";

const program = fileURLToPath(new URL("../../../../apps/cli/dist/main.js", import.meta.url));

interface Case {
  readonly id: string;
  readonly answer: string;
  readonly details: string;
  readonly change?: string;
  readonly observed?: Record<string, unknown>;
}

interface Report {
  readonly machine: { readonly engine: { readonly chip: string; readonly osBuild: string } };
  readonly working: number;
  readonly kernels: readonly Case[];
  readonly probes: readonly Case[];
  readonly rules: readonly {
    readonly rule: string;
    readonly verdict: string;
    readonly changes: readonly string[];
  }[];
}

async function ane(args: readonly string[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(process.env.TEMP!, "cli-"));
  for (const [name, vocabSize] of Object.entries({ wide: 4096, stories: 32000 })) {
    const model = { dim: 64, hiddenDim: 96, layers: 1, heads: 2, vocabSize, seqLen: 32 };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(model));
  }
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const [code] = await once(child, "close");
  return { code, out, err, folder };
}

const SMALL = ["--model", "stories260k", "--seq", "64"];

async function selftest(args: readonly string[], env: Record<string, string> = {}, model = SMALL) {
  const { folder, ...ended } = await ane(["selftest", ...model, ...args], env);
  const file = join(folder, "ane-selftest.json");
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
  const markdown = report ? readFileSync(join(folder, "ane-selftest.md"), "utf8") : "";
  return { ...ended, report, markdown };
}

/** A vocabulary of two chunks of one size. */
const WIDE = ["--model", "wide.json"];

/** The answer of the only case that was asked for. */
async function onlyKernel(name: string, env: Record<string, string>, model = SMALL) {
  const { report, code } = await selftest(["--only", `kernel/${name}`], env, model);
  expect(report?.kernels).toHaveLength(1);
  return { code, ...report!.kernels[0]! };
}

/** Sanitizers and zombies would look at the same calls of the addon as in the other suites, many processes long. */
const plainly = describe.runIf(basename(bindingFolder) === "plain" && !process.env.NSZombieEnabled);

plainly("selftest", () => {
  it("finds every kernel right, has an answer from every probe, and writes both reports", async () => {
    const { code, err, report, markdown } = await selftest([]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(report!.machine.engine).toMatchObject({ chip: "Apple M4", osBuild: "24E263" });
    expect(report!.working).toBe(11);
    expect(report!.kernels.map(({ answer }) => answer)).toEqual(new Array(11).fill("works"));
    const answers = Object.fromEntries(report!.probes.map(({ id, answer }) => [id, answer]));
    expect(new Set(Object.keys(answers).map((id) => id[0]))).toEqual(new Set("12345678"));
    // What the fake is known to do; see darwin/README.md and the settings' initial values.
    expect(answers).toMatchObject({
      "1/rows of 16 fp16": "strided in, strided out",
      "1/rows of 8 fp32": "strided in, strided out",
      "2/order of equal ports": "alphabetical backwards",
      "2/order of different ports": "alphabetical backwards",
      "3/concat of two, no interleave": "works",
      "4/one blob": "ignored",
      "5/different programs, kept": "limited",
      "5/one program, again and again": "not limited",
      "6/tile": "works",
      "7/conv, above 32768": "exact",
      "8/hardware time": "measured",
    });
    const kept = report!.probes.find(({ id }) => id === "5/different programs, kept");
    expect(kept?.observed).toMatchObject({ compilations: 119 });
    const again = report!.probes.find(({ id }) => id === "5/one program, again and again");
    expect(again?.observed).toMatchObject({ calls: 300, compilations: 1 });
    expect(report!.rules.find(({ rule }) => rule === "tile")).toMatchObject({
      verdict: "not needed",
    });
    expect(markdown).toMatch(/\| fwdFFN \| works \|/);
    expect(markdown).toContain("| concat-interleave | not needed |");
  });

  it("measures the framework that it has: other orders and limits", async () => {
    const env = { FAKE_ANE: "symbolOrder=2,compileBudget=20,performanceStats=0" };
    const probes = async (only: string) => (await selftest(["--only", only], env)).report!.probes;
    const orders = await probes("2/order");
    expect(orders.map(({ answer }) => answer)).toEqual(["declared", "declared"]);
    expect(await probes("8/")).toMatchObject([{ answer: "not measured" }]);
    const limited = { answer: "limited", observed: { compilations: 20 } };
    expect(await probes("programs, disposed")).toMatchObject([limited]);
  });

  it("reports a wrong result", async () => {
    // Without attributes the binding must guess, and this framework's order is none that can be guessed: the outputs are swapped.
    const env = { FAKE_ANE_MISSING: "-[_ANEInMemoryModel modelAttributes]" };
    const { code, answer, details } = await onlyKernel("classifierFwd", env, WIDE);
    expect({ code, answer }).toEqual({ code: 1, answer: "wrong" });
    expect(details).toMatch(/logits000: largest difference [\d.]+, tolerance/);
    const right = await onlyKernel("classifierFwd", { ...env, FAKE_ANE: "symbolOrder=0" }, WIDE);
    expect(right).toMatchObject({ code: 0, answer: "works" });
  });

  it("reports a compiler that refuses", async () => {
    const env = { FAKE_ANE_FAULTS: "compileWithQoS:error=1" };
    const { code, answer, details } = await onlyKernel("qkvBwd", env);
    expect({ code, answer }).toEqual({ code: 1, answer: "not compiled" });
    expect(details).toContain("ANECCompile() FAILED");
  });

  it("reports an evaluation that fails, with the status explained", async () => {
    const env = { FAKE_ANE_FAULTS: "evaluateWithQoS:error=0x1d" };
    const { code, answer, details } = await onlyKernel("qkvBwd", env);
    expect({ code, answer }).toEqual({ code: 1, answer: "not evaluated" });
    expect(details).toContain("0x1d");
  });

  it("reports a case that hangs, and goes on with the next", async () => {
    const env = ownTemporary();
    const faults = { ...env, FAKE_ANE_FAULTS: "evaluateWithQoS:delay=600000" };
    const { code, report } = await selftest(["--only", "kernel/qkv", "--timeout", "5"], faults);
    expect(code).toBe(1);
    expect(report!.kernels[0]).toMatchObject({
      answer: "hung",
      details: expect.stringContaining("within 5 s"),
    });
    // The next process removes the folder of the one that was killed.
    expect(await onlyKernel("qkvBwd", env)).toMatchObject({ code: 0, answer: "works" });
  });

  it.each([
    [
      { FAKE_ANE_MISSING: "-[_ANEInMemoryModel evaluateWithQoS:options:request:error:]" },
      "evaluateWithQoS:options:request:error:] is missing",
    ],
    [{ FAKE_ANE: "hasEngine=0,virtualMachine=1" }, "must find a Neural Engine, got none"],
    [{ FAKE_ANE: "nonsense=1" }, "crashed: ended by SIGABRT: FAKE_ANE: unknown setting"],
  ])(
    "%j: says what is missing, and writes no report",
    async (env: Record<string, string>, expected) => {
      const { code, err, report } = await selftest([], env);
      expect(code).toBe(1);
      expect(err).toContain(expected);
      expect(err).toContain("ane selftest --device cpu");
      expect(report).toBeUndefined();
    },
  );
});

plainly("doctor", () => {
  const doctor = async (env: Record<string, string> = {}) => {
    const { code, out } = await ane(["doctor", "--json"], env);
    const { checks } = JSON.parse(out) as {
      checks: { name: string; status: string; evidence: string; remedy?: string }[];
    };
    return { code, find: (name: string) => checks.filter((check) => check.name === name) };
  };

  it("finds everything in order", async () => {
    const { code, find } = await doctor();
    expect(code).toBe(0);
    expect(find("engine addon")).toMatchObject([
      { status: "ok", evidence: process.env.ANE_RUNTIME_BINDING },
    ]);
    expect(find("macOS")).toMatchObject([{ status: "ok", evidence: "15.4.1 (24E263)" }]);
    const classes = find("class").map(({ evidence }) => evidence.split(":\n", 1)[0]);
    expect(classes).toEqual([
      "_ANEInMemoryModelDescriptor, 1 of 1 selectors",
      "_ANEInMemoryModel, 9 of 9 selectors",
      "_ANERequest, 2 of 2 selectors",
      "_ANEIOSurfaceObject, 1 of 1 selectors",
      "_ANEPerformanceStats, 2 of 2 selectors",
      "_ANEDeviceInfo, 6 of 6 selectors",
    ]);
    expect(find("chip")).toMatchObject([{ status: "ok", evidence: "Apple M4, rules of m4" }]);
    expect(find("energy counters")).toMatchObject([
      { status: "ok", evidence: expect.stringContaining("there") },
    ]);
    expect(find("ane trial")).toMatchObject([{ status: "ok" }]);
  });

  it("names every class and selector that is missing or has other types", async () => {
    const broken = { FAKE_ANE_MISSING: "_ANERequest,-[_ANEInMemoryModel hexStringIdentifier]" };
    const { code, find } = await doctor(broken);
    expect(code).toBe(1);
    const missing = find("framework").map(({ status, evidence }) => `${status} ${evidence}`);
    expect(missing.sort()).toEqual([
      "fail -[_ANEInMemoryModel hexStringIdentifier] is missing",
      "fail class _ANERequest is missing",
    ]);
    expect(find("ane trial")).toEqual([]);
  });

  it("warns of what can be done without", async () => {
    const { code, find } = await doctor({ FAKE_ANE_MISSING: "-[_ANERequest perfStats]" });
    expect(code).toBe(0);
    expect(find("optional selectors")).toMatchObject([
      { status: "warn", evidence: "-[_ANERequest perfStats] is missing" },
    ]);
  });

  it("fails for a machine without an engine, and for an engine that computes nothing", async () => {
    const none = await doctor({ FAKE_ANE: "hasEngine=0,virtualMachine=1" });
    expect(none.code).toBe(1);
    expect(none.find("engine")).toMatchObject([
      { status: "fail", evidence: expect.stringContaining("virtual machine") },
    ]);
    const broken = await doctor({ FAKE_ANE_FAULTS: "evaluateWithQoS:error=0x1d" });
    expect(broken.code).toBe(1);
    expect(broken.find("ane trial")).toMatchObject([
      { status: "fail", evidence: expect.stringContaining("not evaluated") },
    ]);
  });
});

plainly("bench", () => {
  const bench = async (env: Record<string, string> = {}) => {
    const { code, out, err } = await ane(["bench", "--device", "ane", "--quick", "--json"], env);
    return { code, err, result: out === "" ? undefined : JSON.parse(out) };
  };

  it("measures dispatch, compilation, surfaces and both chains", async () => {
    const { code, result } = await bench();
    expect(code).toBe(0);
    expect(result.peaks.fp16).toBeGreaterThan(0);
    expect(result.peaks.int8).toBeGreaterThan(0);
    const units = result.measurements.map(({ unit }: { unit: string }) => unit);
    expect(units).toEqual(["ms", "ms", "ms", "GB/s", "GB/s", "TFLOPS", "TOPS"]);
    for (const { lower, median, upper } of result.measurements) {
      expect(lower).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(upper);
    }
  });

  it("says what it could not measure, and measures the rest", async () => {
    // Compilations: the smallest program, three others, the fp16 chain; then the int8 chain.
    const { code, result } = await bench({ FAKE_ANE_FAULTS: "compileWithQoS:error=1+5" });
    expect(code).toBe(0);
    expect(result.peaks).toMatchObject({ fp16: expect.any(Number), int8: null });
    expect(result.measurements.at(-1)).toMatchObject({
      unit: "TOPS",
      reason: expect.stringContaining("ANECCompile"),
    });
  });

  it("fails where not even the smallest program compiles", async () => {
    const { code, err, result } = await bench({ FAKE_ANE_FAULTS: "compileWithQoS:error=1" });
    expect({ code, result }).toEqual({ code: 1, result: undefined });
    expect(err).toContain("ANECCompile() FAILED");
  });
});

plainly("train", () => {
  it("--device ane goes on in new processes and has the losses of --device cpu", async () => {
    const recipe = [
      "--model",
      "stories.json",
      "--pipeline",
      "static",
      "--steps",
      "4",
      "--accum",
      "1",
      "--compile-budget",
      "13",
      "--out",
      "run",
      "--json",
    ];
    const [onEngine, onProcessor] = await Promise.all(
      ["ane", "cpu"].map((device) => ane(["train", "--device", device, ...recipe])),
    );
    const events = (out: string) =>
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { type: string; loss: number });
    const losses = (out: string) =>
      events(out).flatMap(({ type, loss }) => (type === "step" ? [loss] : []));
    expect([onEngine!.code, onEngine!.err]).toEqual([0, ""]);
    expect(events(onEngine!.out).filter(({ type }) => type === "restart").length).toBeGreaterThan(
      0,
    );
    expect(losses(onEngine!.out)).toHaveLength(4);
    expect(losses(onEngine!.out)).toEqual(losses(onProcessor!.out));
  });
});
