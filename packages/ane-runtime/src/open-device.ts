/** Opens a device by name. */
import { cpuInfo } from "@ane/accel-ops";
import { CpuDevice } from "./cpu/device.js";
import type { Device, DeviceOptions } from "./device.js";
import { UnavailableError } from "./errors.js";

/** Names of devices; "auto" is the best that this machine has. */
export type DeviceKind = "ane" | "cpu" | "auto";

/**
 * Opens the Neural Engine ("ane"), the processor ("cpu"), or the best there is ("auto": its `description` says which and
 * why). Nothing is substituted silently: "ane" throws where there is no engine.
 * @throws UnavailableError naming what is missing; RangeError for an unknown kind or option
 */
export function openDevice(kind: DeviceKind, options: DeviceOptions = {}): Device {
  checkNumerics(options.numerics);
  switch (kind) {
    case "ane":
      throw new UnavailableError(`openDevice("ane"): ${whyNoEngine()}`);
    case "cpu":
      return new CpuDevice(cpuDescription(options), options);
    case "auto":
      return new CpuDevice(
        `${cpuDescription(options)}; chosen by "auto": ${whyNoEngine()}`,
        options,
      );
    default:
      throw new RangeError(
        `openDevice: the kind must be "ane", "cpu" or "auto", got ${JSON.stringify(kind)}. Name one of them.`,
      );
  }
}

function checkNumerics(numerics: DeviceOptions["numerics"]): void {
  if (numerics === undefined || numerics === "fp16" || numerics === "fp32") return;
  throw new RangeError(
    `openDevice: numerics must be "fp16" or "fp32", got ${JSON.stringify(numerics)}. Name one of them.`,
  );
}

/** The binding to the engine's private framework is not part of this build on any platform. */
function whyNoEngine(): string {
  const platform = `${process.platform}-${process.arch}`;
  return platform === "darwin-arm64"
    ? `this build of @ane/ane-runtime has no native binding for the Neural Engine, got ${platform}. ` +
        'Use a build that has it, or openDevice("cpu").'
    : `the Neural Engine needs Apple silicon under macOS 15 or newer (darwin-arm64), got ${platform}. ` +
        'Use such a Mac, or openDevice("cpu").';
}

function cpuDescription({ numerics = "fp16" }: DeviceOptions): string {
  const { arch, isa, threads, gemm } = cpuInfo();
  const count = `${threads} ${threads === 1 ? "thread" : "threads"}`;
  return `cpu: ${arch} ${isa}, ${count}, ${gemm} gemm, numerics ${numerics}`;
}
