/** Systems that lack something, or have it otherwise: an error that says what, on which system; or the rest without it. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runChild } from "./support/child.js";
import { bindingFolder } from "./support/fake.js";

async function openError(env: Record<string, string>): Promise<string> {
  const { lines, stderr } = await runChild(["open"], env);
  expect(stderr).toBe("");
  expect(lines[0]?.error).toMatchObject({ name: "UnavailableError", code: "ERR_UNAVAILABLE" });
  return lines[0]!.error!.message;
}

const CLASSES = [
  "_ANEInMemoryModelDescriptor",
  "_ANEInMemoryModel",
  "_ANERequest",
  "_ANEIOSurfaceObject",
];

const NEEDED: Readonly<Record<string, string>> = {
  "+[_ANEInMemoryModelDescriptor modelWithMILText:weights:optionsPlist:]": "@@:@@Q",
  "+[_ANEInMemoryModel inMemoryModelWithDescriptor:]": "@@:@@",
  "-[_ANEInMemoryModel hexStringIdentifier]": "*@:",
  "-[_ANEInMemoryModel compileWithQoS:options:error:]": "C@:Q@^@",
  "-[_ANEInMemoryModel loadWithQoS:options:error:]": "v@:I@^@",
  "-[_ANEInMemoryModel evaluateWithQoS:options:request:error:]": "C@:I@^@",
  "-[_ANEInMemoryModel unloadWithQoS:error:]": "C@:S^@",
  "+[_ANERequest requestWithInputs:inputIndices:outputs:outputIndices:weightsBuffer:perfStats:procedureIndex:]":
    "@@:@@@@@@I",
  "+[_ANEIOSurfaceObject objectWithIOSurface:]": "@@:@",
};

describe("what is needed", () => {
  for (const name of CLASSES) {
    it(`class ${name} missing`, async () => {
      const message = await openError({ FAKE_ANE_MISSING: name });
      expect(message).toContain(`class ${name} is missing`);
      expect(message).toContain("24E263");
    });
  }

  for (const [method, encoding] of Object.entries(NEEDED)) {
    it(`${method} missing`, async () => {
      const message = await openError({ FAKE_ANE_MISSING: method });
      expect(message).toContain(`${method} is missing`);
      expect(message).toContain("24E263");
    });

    it(`${method} with other types`, async () => {
      const message = await openError({ FAKE_ANE_ENCODINGS: `${method}=${encoding}` });
      expect(message).toContain(`${method} has other types`);
      expect(message).toContain(encoding);
    });
  }

  it("the framework itself missing", async () => {
    const folder = mkdtempSync(join(process.env.TEMP!, "without-"));
    for (const file of readdirSync(bindingFolder).filter((name) =>
      /^(ane_runtime\.|libFakeDarwin)/.test(name),
    )) {
      copyFileSync(join(bindingFolder, file), join(folder, file));
    }
    const message = await openError({
      ANE_RUNTIME_BINDING: join(folder, "ane_runtime.node"),
      LD_LIBRARY_PATH: folder,
    });
    expect(message).toMatch(/AppleNeuralEngine.*cannot open shared object file/);
  });

  it("the addon missing, or no addon at all", async () => {
    const absent = await openError({ ANE_RUNTIME_BINDING: "/nowhere/ane_runtime.node" });
    expect(absent).toMatch(/\/nowhere\/ane_runtime\.node: no such file/);
    const file = join(mkdtempSync(join(process.env.TEMP!, "broken-")), "ane_runtime.node");
    writeFileSync(file, "no shared library");
    expect(await openError({ ANE_RUNTIME_BINDING: file })).toMatch(
      /ane_runtime\.node: .*ANE_RUNTIME_BINDING/s,
    );
  });

  it("an engine", async () => {
    expect(await openError({ FAKE_ANE: "hasEngine=0" })).toMatch(
      /must find a Neural Engine, got none/,
    );
  });

  it("and auto says why it took the processor", async () => {
    const { lines } = await runChild(["auto"], { FAKE_ANE_MISSING: "_ANERequest" });
    expect(lines[0]?.result).toMatchObject({
      kind: "cpu",
      description: expect.stringMatching(/chosen by "auto": .*class _ANERequest is missing/),
    });
  });
});

describe("what can be done without", () => {
  const OPTIONAL = [
    "-[_ANEInMemoryModel compiledModelExists]",
    "-[_ANEInMemoryModel modelAttributes]",
    "-[_ANEInMemoryModel setPerfStatsMask:]",
    "-[_ANERequest perfStats]",
    "+[_ANEPerformanceStats driverMaskForANEFMask:]",
    "-[_ANEPerformanceStats hwExecutionTime]",
    "+[_ANEDeviceInfo numANECores]",
    "+[_ANEDeviceInfo aneArchitectureType]",
  ];
  const CLASSES_WITHOUT = ["_ANEPerformanceStats", "_ANEDeviceInfo"];

  for (const name of [...OPTIONAL, ...CLASSES_WITHOUT]) {
    it(name, async () => {
      // Symbols in the order of the alphabet: without attributes nothing else could be known.
      const env = { FAKE_ANE_MISSING: name, FAKE_ANE: "symbolOrder=0" };
      const { lines, stderr, code } = await runChild(
        ["open", "compile:2", "compile:2", "evaluate:2", "dispose", "counters"],
        env,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(lines.flatMap(({ error }) => (error ? [error.message] : []))).toEqual([]);
      expect(JSON.stringify(lines[0]?.result)).toContain(name);
      expect(lines.find(({ step }) => step === "evaluate")?.result).toEqual([0x3c00, 0x4000]);
      expect(lines.at(-1)?.result).toMatchObject({
        models: 0,
        requests: 0,
        surfaces: 0,
        violations: [],
      });
    });
  }
});

describe("a temporary folder that cannot be written", () => {
  it("is an error that names it and leaves nothing", async () => {
    const folder = mkdtempSync(join(process.env.TEMP!, "blocked-"));
    // A file where the binding keeps its records.
    mkdirSync(join(folder, "inside"));
    writeFileSync(join(folder, "ane-runtime"), "");
    const { lines } = await runChild(["open", "compile:1", "counters"], { TEMP: folder });
    expect(lines[1]?.error).toMatchObject({ name: "CompileError", code: "ERR_COMPILE" });
    expect(lines[1]?.error?.message).toMatch(/folder: .*ane-runtime/);
    expect(lines[2]?.result).toMatchObject({
      models: 0,
      descriptors: 0,
      loadedModels: 0,
      violations: [],
    });
  });
});
