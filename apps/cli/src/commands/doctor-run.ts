/** Runs `ane doctor`. */
import { type Context, userPath } from "../context.js";
import type { Check } from "../doctor/check.js";
import { energyCheck, engineChecks } from "../doctor/engine-checks.js";
import { machineChecks } from "../doctor/machine-checks.js";
import { type Terminal, terminalCheck } from "../doctor/terminal-check.js";
import { askVersion, mpiCheck, toolChecks } from "../doctor/tool-checks.js";
import type { DoctorFlags } from "./doctor.js";

export async function runDoctor(this: Context, { json, ...flags }: DoctorFlags): Promise<void> {
  const machine = await machineChecks(this.directory);
  const hasAddon = !machine.some(({ status, name }) => status === "fail" && name === "cpu addon");
  const checks = [
    ...machine,
    ...toolChecks(askVersion, hasAddon),
    terminalCheck(terminalOf(this)),
    mpiCheck(askVersion),
    ...(hasAddon ? [...(await ownDataChecks(this, flags)), ...(await deviceChecks())] : []),
  ];
  this.process.stdout.write(json ? `${JSON.stringify({ checks })}\n` : pageOf(checks));
  if (checks.some(({ status }) => status === "fail")) this.process.exitCode = 1;
}

function terminalOf({ process: { env = {} }, interactive, columns }: Context): Terminal {
  return { interactive, columns, rows: process.stdout.rows ?? 0, env };
}

async function ownDataChecks(
  context: Context,
  { data, tokenizer, model }: Omit<DoctorFlags, "json">,
): Promise<Check[]> {
  const { dataChecks } = await import("../doctor/data-checks.js");
  const absolute = (path: string | undefined) => path && userPath(context, path);
  return dataChecks({
    data: absolute(data),
    tokenizer: absolute(tokenizer),
    model: model?.endsWith(".json") ? absolute(model) : model,
  });
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

function pageOf(checks: readonly Check[]): string {
  const count = (status: Check["status"]) =>
    checks.filter((check) => check.status === status).length;
  return `${checks.map(lineOf).join("")}\n${count("ok")} ok, ${counted(count("warn"), "warning")}, ${counted(count("fail"), "failure")}\n`;
}

/** "1 failure", "2 failures". */
function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function lineOf({ name, status, evidence, remedy }: Check): string {
  const indent = " ".repeat(6 + NAME_WIDTH);
  const lines = [
    `${status.padEnd(6)}${name.padEnd(NAME_WIDTH)}${evidence.replaceAll("\n", `\n${indent}`)}`,
  ];
  if (remedy) lines.push(`${indent}→ ${remedy}.`);
  return `${lines.join("\n")}\n`;
}
