/** Runs `ane bench`. */
import { openWorkbench } from "@ane/ane-runtime/selftest";
import { measure, SIZES } from "../bench/measure.js";
import type { Measurement, Unmeasured } from "../bench/measurement.js";
import type { Context } from "../context.js";
import { storePeak } from "../machine-peak.js";
import { machineOf } from "../selftest/machine.js";
import type { BenchFlags } from "./bench.js";

const NAME_WIDTH = 60;

export async function runBench(this: Context, { device, quick, json }: BenchFlags): Promise<void> {
  const { stdout } = this.process;
  using bench = openWorkbench(device);
  const machine = machineOf(bench.device);
  if (!json) stdout.write(`${machine.device}\n`);
  const measurements: (Measurement | Unmeasured)[] = [];
  for (const measurement of measure(bench, SIZES[quick ? "quick" : device])) {
    measurements.push(measurement);
    if (!json) stdout.write(lineOf(measurement));
  }
  const peaks = { fp16: peakOf(measurements, "TFLOPS"), int8: peakOf(measurements, "TOPS") };
  if (!quick && peaks.fp16 !== null) {
    storePeak(this.process.env ?? {}, machine.device, peaks.fp16);
  }
  if (json) stdout.write(`${JSON.stringify({ machine, quick, peaks, measurements })}\n`);
  else
    stdout.write(
      `peak: fp16 ${peakText(peaks.fp16, "TFLOPS")}, int8 ${peakText(peaks.int8, "TOPS")}\n`,
    );
}

function peakOf(
  measurements: readonly (Measurement | Unmeasured)[],
  unit: Measurement["unit"],
): number | null {
  const rates = measurements.flatMap((m) => (m.unit === unit && "median" in m ? [m.median] : []));
  return rates.length === 0 ? null : Math.max(...rates);
}

function peakText(peak: number | null, unit: Measurement["unit"]): string {
  return peak === null ? "not measured" : `${peak.toPrecision(3)} ${unit}`;
}

function lineOf(measurement: Measurement | Unmeasured): string {
  const name = measurement.name.padEnd(NAME_WIDTH);
  if ("reason" in measurement) return `${name}not measured: ${measurement.reason}\n`;
  const { unit, median, lower, upper, runs } = measurement;
  const [m, l, u] = [median, lower, upper].map((value) => value.toPrecision(3));
  return `${name}${m} ${unit} (${l} to ${u}, ${runs} runs)\n`;
}
