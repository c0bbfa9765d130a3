/** From the framework's outcome of a command to the exit status that scripts see. */
import { ExitCode } from "@stricli/core";

/** Exit status of a command that was ended by Ctrl-C or SIGTERM: 128 + SIGINT. */
export const interruptedStatus = 130;

/** Exit status for a command line that cannot be understood or carried out, as most Unix tools have it. Nothing has been done. */
const usageStatus = 2;

/** By the errors' codes. A rank whose run lost another one: EX_TEMPFAIL of sysexits.h, "try again" with --resume. */
const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_USAGE: usageStatus,
  ERR_OPTION: usageStatus,
  ERR_PEER: 75,
};

/** Of a command that has thrown. */
export function failureStatus(error: unknown): number {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return STATUS_OF[code] ?? 1;
}

/** 0 done, 1 failed, 2 the command line was wrong, 75 another rank was lost, 130 interrupted. */
export function exitStatus(code: number | string | null | undefined): number {
  const outcome = Number(code ?? 0);
  if (outcome === ExitCode.InvalidArgument || outcome === ExitCode.UnknownCommand) {
    return usageStatus;
  }
  return outcome < 0 ? 1 : outcome;
}
