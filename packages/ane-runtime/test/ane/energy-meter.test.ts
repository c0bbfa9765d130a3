/** Which counter belongs to which part of the machine. */
import { describe, expect, it } from "vitest";
import { energyByPart } from "../../src/ane/energy-meter.js";

describe("energyByPart", () => {
  it("takes each part by its counter's name, and not the parts of parts", () => {
    const counters = [
      ["EACC_CPU0", 1],
      ["CPU Energy", 4],
      ["GPU Energy", 2],
      ["GPU SRAM0", 8],
      ["ANE", 0.5],
      ["DRAM0", 3],
    ] as const;
    expect(energyByPart(counters, 10)).toEqual({ ane: 0.5, cpu: 4, gpu: 2 });
  });

  it("sums the dies", () => {
    const counters = [
      ["DIE_0_CPU Energy", 4],
      ["DIE_1_CPU Energy", 5],
      ["ANE0_0", 1],
      ["ANE0_1", 2],
    ] as const;
    expect(energyByPart(counters, 10)).toEqual({ ane: 3, cpu: 9, gpu: null });
  });

  it("is null where the system counts nothing, or keeps it to itself", () => {
    expect(energyByPart([], 10)).toEqual({ ane: null, cpu: null, gpu: null });
    const zeros = ["CPU Energy", "GPU Energy", "ANE"].map((name) => [name, 0] as const);
    expect(energyByPart(zeros, 5000)).toEqual({ ane: null, cpu: null, gpu: null });
    expect(energyByPart(zeros, 1)).toEqual({ ane: 0, cpu: 0, gpu: 0 });
  });
});
