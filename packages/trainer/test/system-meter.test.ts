/** What is said of the machine: nothing where it is not known, sums where it is. */
import { describe, expect, it } from "vitest";
import { ownUsage } from "../src/process-usage.js";
import { powerBetween, SystemMeter } from "../src/system-meter.js";
import { thermalStateIn } from "../src/thermal-state.js";

describe("powerBetween", () => {
  it("is energy over time, of the parts that are counted", () => {
    const before = { elapsedMs: 1000, ane: 1, cpu: 10, gpu: null };
    const after = { elapsedMs: 3000, ane: 4, cpu: 16, gpu: 2 };
    expect(powerBetween(before, after)).toEqual({ ane: 1.5, cpu: 3 });
  });

  it("is missing, not 0, where nothing is counted", () => {
    const nothing = { ane: null, cpu: null, gpu: null };
    expect(
      powerBetween({ elapsedMs: 0, ...nothing }, { elapsedMs: 9, ...nothing }),
    ).toBeUndefined();
  });
});

describe("SystemMeter", () => {
  it("adds up processes, and counts what they share once", () => {
    const meter = new SystemMeter();
    const own = ownUsage();
    const others = [
      { pid: -1, privateBytes: 2e9, sharedBytes: 7e9, cpuMs: 0 },
      { pid: -2, privateBytes: 1e9, sharedBytes: 6e9, cpuMs: 0 },
    ];
    const event = meter.read(5, others);
    expect(event).toMatchObject({ type: "system", step: 5, processes: 3 });
    expect(Math.abs(event.memory - own.privateBytes - 10e9)).toBeLessThan(1e8);
  });

  it("takes the processors' time since the last reading, of new processes all of it", () => {
    const meter = new SystemMeter();
    const worker = { pid: -1, privateBytes: 0, sharedBytes: 0 };
    const first = meter.read(1, [{ ...worker, cpuMs: 1e9 }]);
    expect(first.busyCores * first.ms).toBeGreaterThanOrEqual(1e9);
    const second = meter.read(2, [{ ...worker, cpuMs: 1e9 + 5e6 }]);
    expect(second.busyCores * second.ms).toBeGreaterThanOrEqual(5e6 * (1 - 1e-9));
    expect(second.busyCores * second.ms).toBeLessThan(5e6 + 1e4);
  });

  it("says nothing of power and heat where the machine does not", () => {
    if (process.platform === "darwin") return;
    const event = new SystemMeter().read(1);
    expect(event).not.toHaveProperty("power");
    expect(event).not.toHaveProperty("thermal");
  });
});

it.each([
  ["com.apple.system.thermalpressurelevel 0\n", "nominal"],
  ["com.apple.system.thermalpressurelevel 2\n", "heavy"],
  ["com.apple.system.thermalpressurelevel 77\n", undefined],
  ["", undefined],
])("thermalStateIn(%j) is %s", (answer, state) => {
  expect(thermalStateIn(answer)).toBe(state);
});
