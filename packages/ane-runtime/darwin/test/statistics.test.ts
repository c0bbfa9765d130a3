/** What the engine says of itself: hardware time, the machine, energy. */
import { describe, expect, it } from "vitest";
import { EvaluationError, openDevice, openEnergyMeter } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { type FaultKind, inject, living, type Place, set } from "./support/fake.js";
import { scale, valueThrough } from "./support/programs.js";

describe("hardware time", () => {
  it("of the last evaluation, in nanoseconds", () => {
    using device = openDevice("ane", { performanceStats: true });
    using kernel = device.compile(scale(2));
    expect(kernel.lastHardwareTimeNs).toBeNull();
    valueThrough(device, kernel, 1);
    expect(kernel.lastHardwareTimeNs).toBeGreaterThan(0);
  });

  it("is null where nobody asked for it, or the driver does not give it", () => {
    using plain = openDevice("ane");
    using kernel = plain.compile(scale(2));
    valueThrough(plain, kernel, 1);
    expect(kernel.lastHardwareTimeNs).toBeNull();
    set("performanceStats", 0);
    using device = openDevice("ane", { performanceStats: true });
    using without = device.compile(scale(3));
    expect(valueThrough(device, without, 1)).toBe(3);
    expect(without.lastHardwareTimeNs).toBeNull();
  });
});

describe("the mask of the statistics", () => {
  it("reaches a daemon that takes it from the options of loading and of evaluating", () => {
    set("performanceStats", 2);
    using device = openDevice("ane", { performanceStats: true });
    using compiled = device.compile(scale(4));
    using cached = device.compile(scale(4));
    for (const kernel of [compiled, cached]) {
      kernel.evaluate(surfacesFor(device, kernel));
      expect(kernel.lastHardwareTimeNs).toBeGreaterThan(0);
    }
    expect(living().statistics).toBe(2);
  });

  it("is in no options where nobody asked for statistics", () => {
    set("performanceStats", 2);
    using device = openDevice("ane");
    using kernel = device.compile(scale(2));
    kernel.evaluate(surfacesFor(device, kernel));
    expect(living().statistics).toBeUndefined();
  });

  it("is left out where the driver does not know it", () => {
    inject("driverMaskForANEFMask", "nil");
    using device = openDevice("ane", { performanceStats: true });
    using kernel = device.compile(scale(5));
    kernel.evaluate(surfacesFor(device, kernel));
    expect(kernel.lastHardwareTimeNs).toBeNull();
    expect(living().statistics).toBeUndefined();
  });

  it("survives a first attempt to load that fails", () => {
    set("performanceStats", 2);
    inject("loadWithQoS", "error", { code: 5, times: 1 });
    using device = openDevice("ane", { performanceStats: true });
    using kernel = device.compile(scale(6));
    valueThrough(device, kernel, 1);
    expect(kernel.lastHardwareTimeNs).toBeGreaterThan(0);
  });
});

describe("the machine", () => {
  it("is described", () => {
    using device = openDevice("ane");
    expect(device.info).toMatchObject({
      chip: "Apple M4",
      generation: "m4",
      architecture: "h16g",
      engines: 1,
      cores: 16,
      virtualMachine: false,
      osVersion: "15.4.1",
      osBuild: "24E263",
      missing: [],
    });
    expect(device.description).toMatch(/^ane: Apple M4/);
  });

  it("may be a virtual one, which can do everything but evaluate", () => {
    set("virtualMachine", 1);
    using device = openDevice("ane");
    expect(device.info?.virtualMachine).toBe(true);
    using kernel = device.compile(scale(2));
    expect(() => valueThrough(device, kernel, 1)).toThrow(EvaluationError);
    expect(() => valueThrough(device, kernel, 1)).toThrow(/host too old/);
  });

  it("is what auto chooses", () => {
    using device = openDevice("auto");
    expect(device.kind).toBe("ane");
    expect(device.description).toMatch(/chosen by "auto"/);
  });

  for (const qos of [
    "background",
    "utility",
    "default",
    "userInitiated",
    "userInteractive",
  ] as const) {
    it(`works at quality of service ${qos}`, () => {
      using device = openDevice("ane", { qos });
      using kernel = device.compile(scale(2));
      expect(valueThrough(device, kernel, 4)).toBe(8);
    });
  }
});

describe("energy", () => {
  it("is counted in joules, by part", () => {
    const meter = openEnergyMeter();
    expect(meter?.read()).toMatchObject({ ane: 0.25, cpu: 4, gpu: 1.5 });
    expect(meter?.read()).toMatchObject({ ane: 0.5, cpu: 8, gpu: 3 });
  });

  const failures: readonly (readonly [Place, FaultKind])[] = [
    ["IOReportCopyChannelsInGroup", "nil"],
    ["IOReportCreateSubscription", "nil"],
    ["IOReportCreateSamples", "nil"],
  ];
  for (const [place, kind] of failures) {
    it(`is null where ${place} gives nothing`, () => {
      inject(place, kind);
      expect(openEnergyMeter()).toBeNull();
    });
  }

  for (const place of ["IOReportCreateSamples", "IOReportCreateSamplesDelta"] as const) {
    it(`reads null once ${place} gives nothing`, () => {
      const meter = openEnergyMeter();
      inject(place, "nil", { times: 1 });
      expect(meter?.read()).toBeNull();
      expect(meter?.read()).toMatchObject({ cpu: expect.any(Number) });
    });
  }
});
