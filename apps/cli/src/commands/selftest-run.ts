/** Runs `ane selftest`: one process per case, a line for each, two files at the end. */
import { writeFileSync } from "node:fs";
import type { CaseRecord, CaseResult, ModelKernels, SelftestCase } from "@ane/ane-runtime/selftest";
import { kernelConfig, resolveConfig } from "@ane/llama-model";
import { qkvBwd } from "@ane/mil-builder";
import { type Context, userPath } from "../context.js";
import { CommandError, UsageError } from "../errors.js";
import { naming } from "../naming.js";
import { expectFilePlace } from "../places.js";
import type { Machine } from "../selftest/machine.js";
import { markdownOf } from "../selftest/markdown.js";
import type { CaseRequest } from "../selftest/messages.js";
import { casesOf } from "../selftest/plan.js";
import { reportOf } from "../selftest/report.js";
import { type CaseEnd, runCase } from "../selftest/run-case.js";
import type { SelftestFlags } from "./selftest.js";

/** The interpreter takes its time with long sequences. */
const CPU_SEQUENCE = 32;
const NAME_WIDTH = 34;

export async function runSelftest(this: Context, flags: SelftestFlags): Promise<void> {
  const { stdout } = this.process;
  const device = flags.device === "cpu" ? "cpu" : "ane";
  const name = flags.model.endsWith(".json") ? userPath(this, flags.model) : flags.model;
  const config = naming("--model", () => resolveConfig(name));
  for (const flag of ["json", "markdown"] as const) {
    expectFilePlace(`--${flag}`, userPath(this, flags[flag]));
  }
  const sequence = flags.seq ?? (device === "cpu" ? CPU_SEQUENCE : config.seqLen);
  const model: ModelKernels = {
    ...kernelConfig(config, { seqLen: sequence }),
    vocabSize: config.vocabSize,
  };
  const cases = casesOf(device, model).filter(({ id }) => id.includes(flags.only ?? ""));
  if (cases.length === 0) {
    throw new UsageError(
      `--only: some case must have a name with this text, got "${flags.only}". Leave it out to see the names.`,
    );
  }
  // What no kernel can be generated for is told here, once.
  qkvBwd(model);
  const start = performance.now();
  const run = (caseId: string | null) =>
    runCase({ device, caseId, model } satisfies CaseRequest, flags.timeout * 1000);
  const machine = machineFrom(await run(null));
  stdout.write(`${machine.device}\n`);
  const records: CaseRecord[] = [];
  for (const asked of cases) {
    const result = resultOf(await run(asked.id));
    records.push({ case: withoutRun(asked), result });
    stdout.write(
      `${asked.id.padEnd(NAME_WIDTH)} ${result.answer}${result.answer === "works" ? "" : ` (${result.details})`}\n`,
    );
  }
  const seconds = (performance.now() - start) / 1000;
  const report = reportOf({ machine, model: config.name, sequence, records, seconds });
  writeFileSync(userPath(this, flags.json), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(userPath(this, flags.markdown), markdownOf(report));
  const { working, kernels } = report;
  stdout.write(
    `${working} of ${kernels.length} kernels work. Report: ${flags.json}, ${flags.markdown}` +
      `${device === "ane" ? "; please read them through and post both in an issue" : ""}.\n`,
  );
  if (working < kernels.length) this.process.exitCode = 1;
}

function machineFrom(end: CaseEnd): Machine {
  if (end.type === "machine") return end.machine;
  const reason =
    end.type === "result"
      ? end.result.details
      : end.type === "failed"
        ? end.message
        : `opening the device ${end.answer}: ${end.details}`;
  throw new CommandError(
    `selftest: nothing of the Neural Engine can be checked here.\n${reason}\n` +
      "`ane doctor` shows what is missing; `ane selftest --device cpu` checks the kernels on the processor.",
  );
}

function resultOf(end: CaseEnd): CaseResult {
  if (end.type === "result") return end.result;
  if (end.type === "lost") return { answer: end.answer, details: end.details };
  if (end.type === "failed") return { answer: "failed", details: `${end.name}: ${end.message}` };
  return { answer: "failed", details: "the case's process answered another question" };
}

function withoutRun({ run: _run, ...about }: SelftestCase): CaseRecord["case"] {
  return about;
}
