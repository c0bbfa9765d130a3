/** The machine that a plan is for: a chip with its engine, or the cpu device here. */
import { type Coefficients, chipRates } from "./chip-rates.js";
import { chipNamed } from "./chips.js";
import { compileMsPerKernel } from "./compilation-time.js";
import { measureMachine } from "./machine-rates.js";
import type { MachineRates } from "./step-time.js";

/** Stands for the machine at hand and its cpu device. */
export const THIS_MACHINE = "cpu";

/** Memory bandwidth that the cores get in one pass over more than the caches hold; an assumption, of Apple's figure. */
const MEMORY_SHARE = 0.6;
/** GB/s beyond which the cores no longer follow the memory; an assumption. */
const CORES_GBS = 200;

/** Of the cpu device: 60 kernels in 61 ms (docs/pipelines.md). */
const CPU_COMPILE_MS = 1;

export interface PlannedMachine {
  readonly name: string;
  readonly rates: MachineRates;
  readonly compileMsPerKernel: number;
  /** Bytes per second that the optimizer reads and writes. */
  readonly optimizerBytes: number;
}

/** @param name A chip's, or "cpu", whose rates are measured. @throws OptionError */
export function plannedMachine(name: string, coefficients: Coefficients): PlannedMachine {
  if (name.toLowerCase() === THIS_MACHINE) {
    const rates = measureMachine();
    return {
      name: THIS_MACHINE,
      rates,
      compileMsPerKernel: CPU_COMPILE_MS,
      optimizerBytes: rates.copyBytes,
    };
  }
  const chip = chipNamed(name);
  return {
    name: chip.name,
    rates: chipRates(chip, coefficients),
    compileMsPerKernel: compileMsPerKernel(chip),
    optimizerBytes: 1e9 * MEMORY_SHARE * Math.min(chip.memoryGBs, CORES_GBS),
  };
}
