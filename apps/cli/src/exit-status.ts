/** From the framework's outcome of a command to the exit status that scripts see. */
import { ExitCode } from "@stricli/core";

/** Exit status of a command that was ended by Ctrl-C or SIGTERM: 128 + SIGINT. */
export const interruptedStatus = 130;

/** Exit status of a rank whose run lost another one: EX_TEMPFAIL of sysexits.h, "try again" with --resume. */
const peerLostStatus = 75;

/** Of a command that has thrown. */
export function failureStatus(error: unknown): number {
  return error instanceof Error && "code" in error && error.code === "ERR_PEER"
    ? peerLostStatus
    : 1;
}

/** Exit status for a command line that could not be understood, as most Unix tools have it. */
const usageStatus = 2;

/** 0 done, 1 failed, 2 the command line was wrong, 75 another rank was lost, 130 interrupted. */
export function exitStatus(code: number | string | null | undefined): number {
  const outcome = Number(code ?? 0);
  if (outcome === ExitCode.InvalidArgument || outcome === ExitCode.UnknownCommand) {
    return usageStatus;
  }
  return outcome < 0 ? 1 : outcome;
}
