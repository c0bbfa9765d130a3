/** The fake framework as a test sees and steers it; see darwin/fake/control/control.cpp. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";

/** Where a fault strikes: the selector up to its first colon, or the C function. */
export type Place =
  | "modelWithMILText"
  | "inMemoryModelWithDescriptor"
  | "hexStringIdentifier"
  | "compiledModelExists"
  | "compileWithQoS"
  | "loadWithQoS"
  | "modelAttributes"
  | "setPerfStatsMask"
  | "driverMaskForANEFMask"
  | "requestWithInputs"
  | "evaluateWithQoS"
  | "unloadWithQoS"
  | "objectWithIOSurface"
  | "aneArchitectureType"
  | "IOSurfaceCreate"
  | "IOSurfaceLock"
  | "IOSurfaceUnlock"
  | "IOSurfaceGetBaseAddress"
  | "IOReportCopyChannelsInGroup"
  | "IOReportCreateSubscription"
  | "IOReportCreateSamples"
  | "IOReportCreateSamplesDelta";

/** "no": NO without an NSError; "yes": YES, but with one; "fail": a C function's code; "delay": `code` milliseconds, "hold": until `release`; then as usual. */
export type FaultKind = "nil" | "no" | "yes" | "error" | "throw" | "fail" | "delay" | "hold";

export interface FaultOptions {
  readonly code?: number;
  /** Passes that the fault lets through. Default 0. */
  readonly skip?: number;
  /** How often it strikes. Default: always. */
  readonly times?: number;
}

export type Setting =
  | "compileBudget"
  | "loadedLimit"
  | "attributes"
  | "symbolOrder"
  | "rowAlignment"
  | "portPadding"
  | "performanceStats"
  | "virtualMachine"
  | "hasEngine";

interface Control {
  counters(): Record<string, number>;
  violations(): string[];
  set(setting: Setting, value: number): void;
  reset(): void;
  release(milliseconds: number): void;
  inject(place: Place, kind: FaultKind, code: number, skip: number, times: number): void;
  publishedMethods(): Record<string, string>;
  countFoundationObjects(): void;
  foundationObjects(): Record<string, number>;
}

export const bindingFolder = dirname(process.env.ANE_RUNTIME_BINDING ?? "");
const control: Control = createRequire(import.meta.url)(join(bindingFolder, "fake-control.node"));

export const {
  counters,
  violations,
  set,
  reset,
  publishedMethods,
  countFoundationObjects,
  foundationObjects,
} = control;

export function inject(place: Place, kind: FaultKind, options: FaultOptions = {}): void {
  control.inject(place, kind, options.code ?? 0, options.skip ?? 0, options.times ?? -1);
}

/** Lets go of what is held: now, or later from another thread, for when this one will be waiting. */
export function release(milliseconds = 0): void {
  control.release(milliseconds);
}

/** Resolves when a fault of kind "hold" holds a call, however long that takes on a busy machine. */
export async function callHeld(): Promise<void> {
  while (counters().heldCalls === 0) await setTimeout(2);
}

/** Counters of what lives; the others count calls. */
const LIVING = [
  "descriptors",
  "models",
  "requests",
  "surfaceObjects",
  "statistics",
  "surfaces",
  "ioReportObjects",
  "loadedModels",
  "runningEvaluations",
] as const;

/** What of the framework lives, without the zeros. */
export function living(): Record<string, number> {
  const all = counters();
  return Object.fromEntries(
    LIVING.flatMap((name) => (all[name] === 0 ? [] : [[name, all[name]!]])),
  );
}

/** Lets finalizers run until nothing of the framework lives, or nothing more dies. */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 20 && Object.keys(living()).length > 0; round++) {
    globalThis.gc?.();
    await setImmediate();
  }
}
