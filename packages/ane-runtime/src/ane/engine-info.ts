/** What is known of the engine and the machine, and one line about it. */
import type { Chip } from "@ane/mil-builder";
import type { EngineInfo } from "../device.js";
import type { NativeDeviceInfo, NativeSystemInfo } from "./native.js";

/** Engine architectures by generation. The base M5 reports h16 (maderix/ANE m5result.md), so the chip's own name goes first. */
const GENERATIONS: Readonly<Record<string, Chip>> = {
  h13: "m1",
  h14: "m2",
  h15: "m3",
  h16: "m4",
  h17: "m5",
};

export function engineInfo(device: NativeDeviceInfo, system: NativeSystemInfo): EngineInfo {
  return {
    chip: textOrNull(system.chip),
    generation: generationOf(system.chip, device.architecture),
    architecture: textOrNull(device.architecture),
    engines: device.engines,
    cores: device.cores,
    virtualMachine: device.virtualMachine,
    osVersion: textOrNull(system.version),
    osBuild: textOrNull(system.build) ?? textOrNull(device.buildVersion),
    missing: device.missing,
  };
}

/** "Apple M4, h16g, 16 cores, macOS 15.4.1 (24E263)", as far as it is known. */
export function describeEngine(info: EngineInfo): string {
  const parts = [
    info.chip,
    info.architecture,
    info.cores === null ? null : `${info.cores} cores`,
    info.virtualMachine ? "virtual machine" : null,
    describeSystem(info),
  ];
  return parts.filter((part) => part !== null).join(", ");
}

/** "macOS 15.4.1 (24E263)" */
export function describeSystem({
  osVersion,
  osBuild,
}: Pick<EngineInfo, "osVersion" | "osBuild">): string {
  const name = osVersion === null ? "an unknown macOS" : `macOS ${osVersion}`;
  return osBuild === null ? name : `${name} (${osBuild})`;
}

function generationOf(chip: string, architecture: string): Chip | null {
  const [, number] = /^Apple M(\d+)/.exec(chip) ?? [];
  const named = Object.values(GENERATIONS).find((generation) => generation === `m${number}`);
  return named ?? GENERATIONS[architecture.slice(0, 3).toLowerCase()] ?? null;
}

function textOrNull(text: string): string | null {
  return text === "" ? null : text;
}
