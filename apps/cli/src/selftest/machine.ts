/** What a report says of the machine that it comes from. */
import { arch, cpus, release, totalmem, type } from "node:os";
import type { Device, EngineInfo } from "@ane/ane-runtime";

export interface Machine {
  /** Such as "Darwin 24.4.0 arm64" */
  readonly system: string;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly node: string;
  /** The device's own words. */
  readonly device: string;
  readonly engine: EngineInfo | null;
}

export function machineOf(device: Pick<Device, "description" | "info">): Machine {
  return {
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    node: process.version,
    device: device.description,
    engine: device.info ?? null,
  };
}
