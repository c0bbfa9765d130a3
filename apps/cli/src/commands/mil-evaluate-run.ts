/** Runs `ane mil run`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AneError, CompileError } from "@ane/ane-runtime";
import { type Context, userPath } from "../context.js";
import { CommandError, UsageError } from "../errors.js";
import { describeElements, type ElementSummary } from "../mil/describe-elements.js";
import { type Evaluation, evaluateOnDevice, interpretProgram } from "../mil/evaluate-program.js";
import { openProgram } from "../mil/open-program.js";
import { inputsOf } from "../mil/program-inputs.js";
import { makeFolder } from "../places.js";
import { formatMs } from "../view/format.js";
import type { MilRunFlags } from "./mil-evaluate.js";

export async function runMilRun(this: Context, flags: MilRunFlags, file: string): Promise<void> {
  expectNumerics(flags);
  const folder = flags.weights === undefined ? undefined : userPath(this, flags.weights);
  const opened = await openProgram(userPath(this, file), folder);
  const main = opened.program.functions.find(({ name }) => name === "main");
  if (main === undefined) {
    throw new CommandError(`${opened.path}: a program that is run has a function main, got none.`);
  }
  const files = (flags.input ?? []).map(([name, path]) => [name, userPath(this, path)] as const);
  const inputs = inputsOf(main, files, flags);
  const weights = opened.weights();
  const results = flags.out === undefined ? undefined : userPath(this, flags.out);
  if (results !== undefined) makeFolder("--out", results);
  let evaluation: Evaluation;
  try {
    evaluation =
      flags.device === "interpreter"
        ? interpretProgram(opened.program, inputs, weights, flags)
        : evaluateOnDevice(flags.device, opened.program, inputs, weights, flags);
  } catch (error) {
    if (!(error instanceof AneError)) throw error;
    const advice =
      error instanceof CompileError && flags.device === "cpu"
        ? " --device interpreter takes any program."
        : "";
    throw new CommandError(`${opened.path}: ${error.message}${advice}`, { cause: error });
  }
  const outputs = evaluation.outputs.map((output) => ({
    ...output,
    ...describeElements(output.elements),
  }));
  if (results !== undefined) writeOutputs(results, evaluation.outputs);
  const { device, compileMs, evaluateMs } = evaluation;
  this.process.stdout.write(
    flags.json
      ? `${JSON.stringify({ path: opened.path, device, compileMs, evaluateMs, runs: flags.runs, outputs: outputs.map(({ elements: _elements, ...about }) => about) })}\n`
      : `${device}\ncompiled in ${formatMs(compileMs)}, evaluated in ${evaluateMs.toPrecision(3)} ms\n${outputs.map(lineOf).join("")}`,
  );
}

function expectNumerics({ device, numerics }: MilRunFlags): void {
  if (device === "ane" && numerics === "fp32") {
    throw new UsageError(
      "--numerics: the engine computes in fp16, got fp32 with --device ane. Use --device cpu or interpreter.",
    );
  }
}

function writeOutputs(folder: string, outputs: Evaluation["outputs"]): void {
  for (const { name, elements } of outputs) {
    writeFileSync(join(folder, `${name}.bin`), Float32Array.from(elements));
  }
}

function lineOf(
  output: ElementSummary & {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
  },
): string {
  const { name, dtype, shape, min, max, mean, nonFinite, first } = output;
  const number = (value: number) => String(Number(value.toPrecision(5)));
  return (
    `${name} ${dtype} [${shape.join(", ")}]: from ${number(min)} to ${number(max)}, mean ${number(mean)}, ` +
    `${nonFinite} not finite\n  ${first.map(number).join(" ")} …\n`
  );
}
