/** Opening the engine by name: options are checked first, and what is missing is said, on machines without one. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { qosValue } from "../../src/ane/quality-of-service.js";
import { openDevice, openEnergyMeter, UnavailableError } from "../../src/index.js";

afterEach(() => vi.unstubAllEnvs());

describe("options", () => {
  it("are refused by name, whatever device is asked for", () => {
    for (const kind of ["ane", "cpu", "auto"] as const) {
      expect(() => openDevice(kind, { qos: "urgent" as "default" })).toThrow(RangeError);
      expect(() => openDevice(kind, { qos: "urgent" as "default" })).toThrow(/qos .*got "urgent"/);
      expect(() => openDevice(kind, { performanceStats: 1 as unknown as boolean })).toThrow(
        /performanceStats must be true or false, got 1/,
      );
    }
  });

  it("qos has Darwin's values", () => {
    expect(qosValue()).toBe(21);
    expect(qosValue("background")).toBe(9);
    expect(qosValue("userInteractive")).toBe(33);
  });

  it("the engine knows no fp32", () => {
    expect(() => openDevice("ane", { numerics: "fp32" })).toThrow(UnavailableError);
    expect(() => openDevice("ane", { numerics: "fp32" })).toThrow(/computes in fp16, got .*"fp32"/);
    using device = openDevice("auto", { numerics: "fp32" });
    expect(device.description).toMatch(
      /^cpu: .*numerics fp32; chosen by "auto": .*computes in fp16/,
    );
  });
});

describe("an addon that is not there", () => {
  const binding = "/nowhere/ane_runtime.node";

  it("makes the engine unavailable, by the path that was named", () => {
    vi.stubEnv("ANE_RUNTIME_BINDING", binding);
    expect(() => openDevice("ane")).toThrow(UnavailableError);
    expect(() => openDevice("ane")).toThrow(`openDevice("ane"): the native addon`);
    expect(() => openDevice("ane")).toThrow(`${binding}: no such file`);
  });

  it("makes auto choose the processor, and say why", () => {
    vi.stubEnv("ANE_RUNTIME_BINDING", binding);
    using device = openDevice("auto");
    expect(device.kind).toBe("cpu");
    expect(device.description).toContain(binding);
  });

  it("makes energy unknown", () => {
    vi.stubEnv("ANE_RUNTIME_BINDING", binding);
    expect(openEnergyMeter()).toBeNull();
  });
});
