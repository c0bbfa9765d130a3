/** Why a program was refused: the framework's text, the line it names, and what the verifier finds for this chip. */
import { type Diagnostic, type Program, type VerifyOptions, verify } from "@ane/mil-builder";
import { CompileError } from "../errors.js";
import { frameworkDetails, frameworkText } from "./framework-error.js";
import type { NativeFailure } from "./native.js";

/** What was being compiled, and where. */
export interface CompileAttempt {
  readonly kernel: string;
  readonly program: Program;
  /** As the compiler was given it. */
  readonly text: string;
  /** Such as "Apple M4, h16g"; for the message. */
  readonly machine: string;
  readonly target: VerifyOptions;
  /** Models that occupy the engine, in this process. */
  readonly loadedKernels: number;
}

const STEPS: Readonly<Partial<Record<NativeFailure["step"], string>>> = {
  descriptor: "the framework must take the program",
  folder: "the model's files must be written to the temporary folder",
  compile: "the engine's compiler must accept the program",
  load: "the engine must load the compiled program",
};

/** Findings beyond these are counted only. */
const SHOWN_FINDINGS = 5;
/** Lines of the program before and after the one that is named. */
const CONTEXT_LINES = 1;

export function compileError(attempt: CompileAttempt, failure: NativeFailure): CompileError {
  const { kernel, program, text, machine, target } = attempt;
  const line = lineIn(`${failure.message}\n${failure.details}`, text);
  const findings = failure.step === "folder" ? [] : verify(program, target);
  const message =
    `${failure.step}: ${STEPS[failure.step] ?? "the framework must do this step"}, ` +
    `got ${frameworkText(failure)}. ${remedyFor(attempt, failure, findings)}.` +
    `${frameworkDetails(failure)}\n  chip: ${machine}` +
    `${line === undefined ? "" : `\n  line ${line}:\n${excerpt(text, line)}`}` +
    listed(findings);
  return new CompileError(kernel, message, {
    cause: failure,
    findings,
    mil: text,
    chip: machine,
    ...(line === undefined ? {} : { line }),
  });
}

function remedyFor(
  { loadedKernels }: CompileAttempt,
  { step, exception }: NativeFailure,
  findings: readonly Diagnostic[],
): string {
  if (step === "folder")
    return "Make it writable, free space there, or set TMPDIR to another folder";
  if (exception !== "") return "Report it with the program: no call should raise an exception";
  if (step === "load") {
    return `Dispose of kernels that are no longer needed (${loadedKernels} are loaded), or continue in a new process`;
  }
  return findings.length > 0
    ? "Change what the verifier names below"
    : "Take away ops until it compiles: the verifier knows no rule that this program breaks";
}

/** The line of the program that the framework's text names: "line 12" or "model.mil:12:5". */
function lineIn(report: string, text: string): number | undefined {
  const match = /model\.mil:(\d+)|\bline[ :#]*(\d+)/i.exec(report);
  if (!match) return undefined;
  const line = Number(match[1] ?? match[2]);
  return line >= 1 && line <= text.split("\n").length ? line : undefined;
}

function excerpt(text: string, line: number): string {
  const first = Math.max(1, line - CONTEXT_LINES);
  return text
    .split("\n")
    .slice(first - 1, line + CONTEXT_LINES)
    .map((content, i) => `  ${first + i === line ? ">" : " "} ${first + i} | ${content}`)
    .join("\n");
}

function listed(findings: readonly Diagnostic[]): string {
  if (findings.length === 0) return "";
  const shown = findings
    .slice(0, SHOWN_FINDINGS)
    .map(({ rule, severity, where, message, remedy }) =>
      `\n    ${severity} ${rule}: ${where}: ${message}. ${remedy}`.trimEnd(),
    );
  const rest = findings.length - SHOWN_FINDINGS;
  return `\n  the verifier finds:${shown.join("")}${rest > 0 ? `\n    and ${rest} more` : ""}`;
}
