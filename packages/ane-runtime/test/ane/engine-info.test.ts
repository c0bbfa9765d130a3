/** What is made of the system's statements about the machine. */
import { describe, expect, it } from "vitest";
import { describeEngine, engineInfo } from "../../src/ane/engine-info.js";
import type { NativeDeviceInfo, NativeSystemInfo } from "../../src/ane/native.js";

const silent: NativeDeviceInfo = {
  architecture: "",
  buildVersion: "",
  hasEngine: null,
  virtualMachine: null,
  engines: null,
  cores: null,
  missing: [],
};
const nobody: NativeSystemInfo = { chip: "", version: "", build: "" };

describe("engineInfo", () => {
  it.each([
    ["Apple M1", "h13g", "m1"],
    ["Apple M2 Ultra", "h14c", "m2"],
    ["Apple M4 Pro", "h16s", "m4"],
    ["Apple M5", "h16g", "m5"],
    ["Apple M5 Max", "h17s", "m5"],
    ["", "H15G", "m3"],
    ["Apple M9", "h30", null],
    ["", "", null],
  ])("%s, %s is %s", (chip, architecture, generation) => {
    const info = engineInfo({ ...silent, architecture }, { ...nobody, chip });
    expect(info.generation).toBe(generation);
  });

  it("is null where nothing is said", () => {
    const { missing, ...known } = engineInfo(silent, nobody);
    expect(Object.values(known).every((value) => value === null)).toBe(true);
    expect(missing).toEqual([]);
  });

  it("takes the build from whoever knows it", () => {
    expect(engineInfo({ ...silent, buildVersion: "24E263" }, nobody).osBuild).toBe("24E263");
    expect(engineInfo(silent, { ...nobody, build: "25A1" }).osBuild).toBe("25A1");
  });
});

describe("describeEngine", () => {
  it("says all that is known on one line", () => {
    const device = { ...silent, architecture: "h16g", cores: 16, virtualMachine: false };
    const system = { chip: "Apple M4", version: "15.4.1", build: "24E263" };
    expect(describeEngine(engineInfo(device, system))).toBe(
      "Apple M4, h16g, 16 cores, macOS 15.4.1 (24E263)",
    );
  });

  it("says a virtual machine", () => {
    const info = engineInfo({ ...silent, virtualMachine: true }, nobody);
    expect(describeEngine(info)).toBe("virtual machine, an unknown macOS");
  });
});
