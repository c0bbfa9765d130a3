/**
 * Energy of the whole machine by part, from the system's own counters (IOReport, group "Energy Model"). They need no privileges, and
 * are there on Apple silicon only; names and units differ between chips, so each is looked for by the end or a part of its name.
 */
import { UnavailableError } from "../errors.js";
import { loadAddon } from "./load-addon.js";
import type { NativeAddon } from "./native.js";

/** Joules since the meter was opened; null where the machine does not count them. */
export interface EnergyReading {
  readonly elapsedMs: number;
  readonly ane: number | null;
  readonly cpu: number | null;
  readonly gpu: number | null;
}

export interface EnergyMeter {
  /** Null where the counters have stopped being readable. */
  read(): EnergyReading | null;
}

/** Starts counting; null where there are no counters. Nothing has to be closed. */
export function openEnergyMeter(): EnergyMeter | null {
  const counters = addonHere()?.openEnergyMeter();
  if (!counters) return null;
  const start = performance.now();
  return {
    read() {
      const joules = counters();
      const elapsedMs = performance.now() - start;
      return joules && { elapsedMs, ...energyByPart(joules, elapsedMs) };
    },
  };
}

/** A machine that has worked this long without its processor using energy does not let us read the counters. */
const SILENCE_MS = 1000;

/** Sums the counters of each part: machines of two dies have one for each, such as "DIE_0_CPU Energy". */
export function energyByPart(
  counters: readonly (readonly [name: string, joules: number])[],
  elapsedMs: number,
): Pick<EnergyReading, "ane" | "cpu" | "gpu"> {
  const sum = (matches: (name: string) => boolean): number | null => {
    const found = counters.filter(([name]) => matches(name));
    return found.length === 0 ? null : found.reduce((total, [, joules]) => total + joules, 0);
  };
  const cpu = sum((name) => name.endsWith("CPU Energy"));
  // macOS 27 gives zeros to programs that Apple has not signed.
  if (cpu === 0 && elapsedMs > SILENCE_MS) return { ane: null, cpu: null, gpu: null };
  return {
    ane: sum((name) => /(^|_)ANE\d*(_|$)/.test(name)),
    cpu,
    gpu: sum((name) => name.endsWith("GPU Energy")),
  };
}

function addonHere(): NativeAddon | null {
  try {
    return loadAddon();
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    throw error;
  }
}
