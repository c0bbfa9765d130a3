/** One kernel on each device, compared with a reference, in a process of its own: whether all that is there also works. */
import type { ModelKernels } from "@ane/ane-runtime/selftest";
import { kernelConfig, presets } from "@ane/llama-model";
import { type CaseEnd, runCase } from "../selftest/run-case.js";
import { type Check, fail, ok } from "./check.js";

const caseId = "kernel/fwdFFN";
const TIMEOUT_MS = 120_000;

export async function trialCheck(device: "ane" | "cpu"): Promise<Check> {
  const preset = presets.stories260k;
  const model: ModelKernels = {
    ...kernelConfig(preset, { seqLen: 32 }),
    vocabSize: preset.vocabSize,
  };
  const end = await runCase({ device, caseId, model }, TIMEOUT_MS);
  const name = `${device} trial`;
  if (end.type === "result" && end.result.answer === "works") {
    const { compileMs = 0, dispatchMs } = end.result;
    return ok(
      name,
      `fwdFFN is right; compiled in ${compileMs.toFixed(1)} ms, evaluated in ${dispatchMs?.median.toFixed(3)} ms`,
    );
  }
  return fail(
    name,
    `fwdFFN: ${whatHappened(end)}`,
    `Run \`ane selftest --device ${device}\` and post its report`,
  );
}

function whatHappened(end: CaseEnd): string {
  if (end.type === "result") return `${end.result.answer}: ${end.result.details}`;
  if (end.type === "lost") return `${end.answer}: ${end.details}`;
  return end.type === "failed" ? end.message : "no answer";
}
