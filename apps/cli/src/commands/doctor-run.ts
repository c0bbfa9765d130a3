/** Runs `ane doctor`. */
import type { Context } from "../context.js";
import type { Check } from "../doctor/check.js";
import { energyCheck, engineChecks } from "../doctor/engine-checks.js";
import { machineChecks } from "../doctor/machine-checks.js";
import type { DoctorFlags } from "./doctor.js";

export async function runDoctor(this: Context, { json }: DoctorFlags): Promise<void> {
  const machine = await machineChecks(this.directory);
  const checks = machine.some(({ status, name }) => status === "fail" && name === "cpu addon")
    ? machine
    : [...machine, ...(await deviceChecks())];
  this.process.stdout.write(json ? `${JSON.stringify({ checks })}\n` : checks.map(lineOf).join(""));
  if (checks.some(({ status }) => status === "fail")) this.process.exitCode = 1;
}

/** These load the native code, without which there is nothing to be seen. */
async function deviceChecks(): Promise<Check[]> {
  const { engineReport } = await import("@ane/ane-runtime/selftest");
  const { openEnergyMeter } = await import("@ane/ane-runtime");
  const { trialCheck } = await import("../doctor/trial-checks.js");
  const report = engineReport();
  const engine = engineChecks(report);
  const opened = report.info !== null && report.hasEngine !== false;
  const energy = energyCheck(openEnergyMeter() !== null, opened);
  return [...engine, energy, await trialCheck("cpu"), ...(opened ? [await trialCheck("ane")] : [])];
}

const NAME_WIDTH = 20;

function lineOf({ name, status, evidence, remedy }: Check): string {
  const indent = " ".repeat(6 + NAME_WIDTH);
  const lines = [
    `${status.padEnd(6)}${name.padEnd(NAME_WIDTH)}${evidence.replaceAll("\n", `\n${indent}`)}`,
  ];
  if (remedy) lines.push(`${indent}→ ${remedy}.`);
  return `${lines.join("\n")}\n`;
}
