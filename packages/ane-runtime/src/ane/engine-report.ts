/** How far the Neural Engine can be opened on this machine, step by step; throws nothing that a machine may lack. */
import { createRequire } from "node:module";
import { DEFAULT_COMPILE_BUDGET } from "../budget.js";
import type { EngineInfo } from "../device.js";
import { UnavailableError } from "../errors.js";
import { engineInfo } from "./engine-info.js";
import { frameworkText, isNativeFailure } from "./framework-error.js";
import { loadAddon } from "./load-addon.js";
import type { NativeAddon, NativeMethod } from "./native.js";

export interface EngineReport {
  /** The file that was loaded. */
  readonly addon: string | null;
  /** Why there is no addon: the platform, or what was tried. */
  readonly addonProblem: string | null;
  /** Null without an addon. */
  readonly system: {
    readonly chip: string;
    readonly version: string;
    readonly build: string;
  } | null;
  /** What of the framework is missing or of other types that is always needed, one per entry; null if it was not looked at. */
  readonly frameworkProblems: readonly string[] | null;
  /** Every method that is used of the framework, there or not; empty where there is none. */
  readonly methods: readonly NativeMethod[];
  readonly hasEngine: boolean | null;
  /** Null without a framework; its `missing` are the optional parts. */
  readonly info: EngineInfo | null;
  /** Compilations that a process may make by default. */
  readonly compileBudget: number;
}

export function engineReport(): EngineReport {
  const nothing: EngineReport = {
    addon: null,
    addonProblem: null,
    system: null,
    frameworkProblems: null,
    methods: [],
    hasEngine: null,
    info: null,
    compileBudget: DEFAULT_COMPILE_BUDGET,
  };
  let addon: NativeAddon;
  try {
    addon = loadAddon();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { ...nothing, addonProblem: error.message };
  }
  const system = addon.systemInfo();
  const loaded = { ...nothing, addon: loadedFile(addon), system };
  try {
    addon.open();
  } catch (error) {
    if (!isNativeFailure(error)) throw error;
    const methods = addon.frameworkMethods();
    return { ...loaded, frameworkProblems: frameworkText(error).split("; "), methods };
  }
  const methods = addon.frameworkMethods();
  const device = addon.deviceInfo();
  const info = engineInfo(device, system);
  return { ...loaded, frameworkProblems: [], methods, hasEngine: device.hasEngine, info };
}

/** Node keeps what it has loaded by its path. */
function loadedFile(addon: NativeAddon): string | null {
  const loaded = Object.entries(createRequire(import.meta.url).cache).find(
    ([, module]) => module?.exports === addon,
  );
  return loaded?.[0] ?? null;
}
