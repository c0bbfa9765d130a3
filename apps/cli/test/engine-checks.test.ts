/** What the doctor makes of a system's report, for systems that are not at hand. */
import type { EngineInfo } from "@ane/ane-runtime";
import type { EngineReport } from "@ane/ane-runtime/selftest";
import { describe, expect, it } from "vitest";
import { energyCheck, engineChecks } from "../src/doctor/engine-checks.js";
import { nodeCheck } from "../src/doctor/machine-checks.js";

const info: EngineInfo = {
  chip: "Apple M3 Max",
  generation: "m3",
  architecture: "h15c",
  engines: 1,
  cores: 16,
  virtualMachine: false,
  osVersion: "15.1",
  osBuild: "24B83",
  missing: [],
};
const sound: EngineReport = {
  addon: "/prebuilds/ane-runtime.node",
  addonProblem: null,
  system: { chip: "Apple M3 Max", version: "15.1", build: "24B83" },
  frameworkProblems: [],
  methods: [
    { className: "_ANERequest", method: "-perfStats", needed: false, defect: "missing" },
    { className: "_ANERequest", method: "+requestWithInputs:", needed: true, defect: "" },
  ],
  hasEngine: true,
  info,
  compileBudget: 119,
};

const found = (report: Partial<EngineReport>) =>
  Object.fromEntries(engineChecks({ ...sound, ...report }).map((check) => [check.name, check]));

describe("engineChecks", () => {
  it("has nothing against a sound system", () => {
    const { "apple silicon": _platform, ...others } = found({});
    for (const check of Object.values(others)) expect(check).toMatchObject({ status: "ok" });
  });

  it("warns of a macOS and of a chip that are not known", () => {
    const system = { chip: "Apple M9", version: "31.0", build: "50A1" };
    const checks = found({ system, info: { ...info, chip: "Apple M9", generation: null } });
    expect(checks.macOS).toMatchObject({ status: "warn", evidence: "31.0 (50A1)" });
    expect(checks.chip).toMatchObject({ status: "warn", evidence: "Apple M9" });
  });

  it("stops at the first step that fails", () => {
    const stopped = found({
      frameworkProblems: ["-[_ANERequest perfStats] is missing"],
      info: null,
    });
    expect(Object.keys(stopped)).toEqual([
      "apple silicon",
      "engine addon",
      "macOS",
      "framework",
      "class",
    ]);
    expect(stopped.class?.evidence).toBe("_ANERequest, 1 of 2 selectors:\n+requestWithInputs:");
    const unloaded = found({
      addon: null,
      addonProblem: "tried /a, /b",
      system: null,
      frameworkProblems: null,
      info: null,
    });
    expect(Object.keys(unloaded)).toEqual(["apple silicon", "engine addon"]);
  });

  it("does not call a missing engine a fault of the machine unless the framework is there", () => {
    expect(found({ hasEngine: false }).engine).toMatchObject({ status: "fail" });
    expect(found({ hasEngine: null }).engine).toMatchObject({ status: "ok" });
  });
});

it("energyCheck warns only where counters are expected", () => {
  expect(
    [energyCheck(true, true), energyCheck(false, false), energyCheck(false, true)].map(
      ({ status }) => status,
    ),
  ).toEqual(["ok", "ok", "warn"]);
});

it.each([
  ["20.14.9", "fail"],
  ["20.15.0", "ok"],
  ["18.20.0", "fail"],
  ["22.0.0", "ok"],
])("Node %s: %s", (version, status) => {
  expect(nodeCheck(version).status).toBe(status);
});
