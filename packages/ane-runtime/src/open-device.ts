/** Opens a device by name. */
import { cpuInfo } from "@ane/accel-ops";
import { openEngine } from "./ane/open-engine.js";
import { qosValue } from "./ane/quality-of-service.js";
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
  checkOptions(options);
  switch (kind) {
    case "ane":
      return openNamedEngine(options);
    case "cpu":
      return new CpuDevice(cpuDescription(options), options);
    case "auto":
      return openBest(options);
    default:
      throw new RangeError(
        `openDevice: the kind must be "ane", "cpu" or "auto", got ${JSON.stringify(kind)}. Name one of them.`,
      );
  }
}

function openNamedEngine(options: DeviceOptions): Device {
  try {
    expectEngineNumerics(options);
    return openEngine(options);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new UnavailableError(`openDevice("ane"): ${error.message}`, { cause: error.cause });
  }
}

function openBest(options: DeviceOptions): Device {
  try {
    expectEngineNumerics(options);
    return openEngine(options, '; chosen by "auto"');
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const description = `${cpuDescription(options)}; chosen by "auto": ${error.message}`;
    return new CpuDevice(description, options);
  }
}

function expectEngineNumerics({ numerics = "fp16" }: DeviceOptions): void {
  if (numerics === "fp16") return;
  throw new UnavailableError(
    `the Neural Engine computes in fp16, got numerics "${numerics}". Leave numerics out, or use openDevice("cpu").`,
  );
}

/** The same options are refused whatever device there is. */
function checkOptions({ numerics, qos, performanceStats }: DeviceOptions): void {
  if (numerics !== undefined && numerics !== "fp16" && numerics !== "fp32") {
    throw new RangeError(
      `openDevice: numerics must be "fp16" or "fp32", got ${JSON.stringify(numerics)}. Name one of them.`,
    );
  }
  if (performanceStats !== undefined && typeof performanceStats !== "boolean") {
    throw new RangeError(
      `openDevice: performanceStats must be true or false, got ${JSON.stringify(performanceStats)}. Pass one of them.`,
    );
  }
  qosValue(qos);
}

function cpuDescription({ numerics = "fp16" }: DeviceOptions): string {
  const { arch, isa, threads, gemm } = cpuInfo();
  const count = `${threads} ${threads === 1 ? "thread" : "threads"}`;
  return `cpu: ${arch} ${isa}, ${count}, ${gemm} gemm, numerics ${numerics}`;
}
