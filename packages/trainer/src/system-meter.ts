/** Makes `system` events: what the processes of the run take of the machine, and what the machine says of itself. */
import { availableParallelism } from "node:os";
import { type EnergyReading, openEnergyMeter } from "@ane/ane-runtime";
import type { SystemEvent } from "./events.js";
import { ownUsage, type ProcessUsage } from "./process-usage.js";
import { ThermalWatch } from "./thermal-state.js";

/** Between two events: a process tells what it takes as often, give or take a micro-step. */
export const SYSTEM_INTERVAL_MS = 2000;
const LEAST_MS = 0.75 * SYSTEM_INTERVAL_MS;

const PARTS = ["ane", "cpu", "gpu"] as const;

export class SystemMeter {
  readonly #energy = openEnergyMeter();
  readonly #thermal = new ThermalWatch();
  #joules: EnergyReading | null = null;
  /** Processors' time by process, at the last reading. */
  #cpuMs = new Map([ownUsage()].map(({ pid, cpuMs }) => [pid, cpuMs]));
  #last = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#last >= LEAST_MS;
  }

  /** @param others Processes of the run beside this one. */
  read(step: number, others: readonly ProcessUsage[] = []): SystemEvent {
    const processes = [ownUsage(), ...others];
    const now = performance.now();
    const ms = now - this.#last;
    this.#last = now;
    const worked = processes.map(({ pid, cpuMs }) => cpuMs - (this.#cpuMs.get(pid) ?? 0));
    this.#cpuMs = new Map(processes.map(({ pid, cpuMs }) => [pid, cpuMs]));
    const power = this.#power();
    const thermal = this.#thermal.state;
    return {
      type: "system",
      step,
      ms,
      processes: processes.length,
      memory:
        sum(processes.map(({ privateBytes }) => privateBytes)) +
        Math.max(...processes.map(({ sharedBytes }) => sharedBytes)),
      busyCores: sum(worked) / ms,
      cores: availableParallelism(),
      ...(power && { power }),
      ...(thermal && { thermal }),
    };
  }

  #power(): SystemEvent["power"] {
    const reading = this.#energy?.read() ?? null;
    const before = this.#joules;
    this.#joules = reading;
    if (reading === null || before === null) return undefined;
    return powerBetween(before, reading);
  }
}

/** Watts of the parts that both readings have; nothing where they have none. */
export function powerBetween(before: EnergyReading, after: EnergyReading): SystemEvent["power"] {
  const seconds = (after.elapsedMs - before.elapsedMs) / 1000;
  const watts = PARTS.flatMap((part) => {
    const [from, to] = [before[part], after[part]];
    return from === null || to === null ? [] : [[part, (to - from) / seconds] as const];
  });
  return watts.length === 0 ? undefined : Object.fromEntries(watts);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
