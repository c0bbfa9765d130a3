/**
 * Why an evaluation failed. The status is the one that the driver gives, in the framework's text "ANEProgramProcessRequestDirect()
 * Failed with status=0x1d : statusType=0x9"; the causes are those that public projects found for it.
 */
import { EvaluationError } from "../errors.js";
import { frameworkDetails, frameworkText } from "./framework-error.js";
import type { NativeFailure } from "./native.js";

interface Cause {
  readonly means: string;
  readonly remedy: string;
}

const CAUSES: ReadonlyMap<number, Cause> = new Map([
  [
    // maderix/ANE, Orion #2, #4, #12; M3 field guide; Espresso (statusType 0x9 with heads of width 1)
    0x1d,
    {
      means:
        "program inference error: reported for surfaces of another size, stride or order than the program's ports, for " +
        "widths below 32, and for every evaluation after a program with `tile`",
      remedy:
        "Create the surfaces from the ports of the compiled kernel, keep widths at multiples of 32, and avoid `tile`",
    },
  ],
  [
    // ane-bridge-rs
    0x2,
    {
      means: "the request names a symbol index that the program does not have",
      remedy: "Report this with the program: indices come from the loaded model",
    },
  ],
  [
    // _ANEProgramForEvaluation, programInferenceOtherErrorForMessage:model:methodName:
    0xe,
    {
      means: "program not found: the engine has unloaded it",
      remedy: "Compile the kernel again",
    },
  ],
  [
    // the same; also maderix/ANE PR #40 for chained requests
    0xf,
    {
      means: "program inference timeout",
      remedy:
        "Try again; if it persists, split the program or wait until other programs are done with the engine",
    },
  ],
  [
    // _ANEProgramForEvaluation, processRequest:
    0x12,
    {
      means: "the request was cancelled, or its result was lost",
      remedy: "Try again, and compile the kernel again if it persists",
    },
  ],
]);

const UNKNOWN: Cause = {
  means: "a status with no publicly known cause",
  remedy: "Check shapes and values against the cpu device, and report it with the program",
};

/** The driver's status in an error's text; undefined where it names none. */
export function statusOf(text: string): number | undefined {
  const [, digits] = /\bstatus\s*=\s*(0x[0-9a-f]+|\d+)/i.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** @param kernel name of the kernel that was evaluated */
export function evaluationError(kernel: string, failure: NativeFailure): EvaluationError {
  const text = frameworkText(failure);
  const status = statusOf(failure.message) ?? statusOf(failure.details);
  const { means, remedy } =
    status === undefined ? withoutStatus(failure) : (CAUSES.get(status) ?? UNKNOWN);
  const shown = status === undefined ? "" : `status 0x${status.toString(16)}, `;
  return new EvaluationError(
    kernel,
    `${failure.step}: the framework must do what it is asked, got ${shown}${means}. ${remedy}.\n` +
      `  framework: ${text}${frameworkDetails(failure)}`,
    { cause: failure, ...(status === undefined ? {} : { status }) },
  );
}

/** Where the driver was not reached, or says nothing. */
const REFUSALS: Readonly<Partial<Record<NativeFailure["step"], Cause>>> = {
  surface: {
    means: "no memory or no lock",
    remedy: "Dispose of surfaces that are no longer needed",
  },
  request: {
    means: "no request for these surfaces",
    remedy: "Create the surfaces from the ports of the compiled kernel",
  },
  unload: {
    means: "a refusal",
    remedy: "What this process held is freed; a new process has all of the engine's slots",
  },
};

function withoutStatus({ step, exception }: NativeFailure): Cause {
  if (exception !== "") {
    return {
      means: "an exception",
      remedy: "Report it with the program: no call should raise one",
    };
  }
  const known = REFUSALS[step];
  return (
    known ?? {
      means: "a refusal without a status",
      remedy: "Compile the kernel again and try once more",
    }
  );
}
