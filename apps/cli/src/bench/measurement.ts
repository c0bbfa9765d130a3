/** Medians with their quartiles, in the unit they are read in. */
import type { Spread } from "@ane/ane-runtime/selftest";

export interface Measurement extends Spread {
  readonly name: string;
  readonly unit: "TFLOPS" | "TOPS" | "ms" | "GB/s";
}

/** What could not be measured, with the reason: other sizes still are. */
export interface Unmeasured {
  readonly name: string;
  readonly unit: Measurement["unit"];
  readonly reason: string;
}

export function milliseconds(name: string, spread: Spread): Measurement {
  return { name, unit: "ms", ...spread };
}

/** @param perRun work of one run in the unit, such as 1e-12 times its floating-point operations */
export function rate(
  name: string,
  unit: Measurement["unit"],
  perRun: number,
  ms: Spread,
): Measurement {
  const perSecond = (duration: number) => perRun / (duration / 1000);
  const [median, lower, upper] = [ms.median, ms.upper, ms.lower].map(perSecond) as [
    number,
    number,
    number,
  ];
  return { name, unit, median, lower, upper, runs: ms.runs };
}
