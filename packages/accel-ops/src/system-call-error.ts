/** How a failed system call arrives from the native code. */
import { getSystemErrorName } from "node:util";

export interface SystemCallFailure {
  /** Name of the error, such as "ENOSPC". */
  readonly code: string;
  /** Name of the system call. */
  readonly call: string;
  /** The system's text. */
  readonly text: string;
}

/** Undefined if the error is not of that kind. */
export function systemCallFailure(error: unknown): SystemCallFailure | undefined {
  const { errno, call, message } = error as Error & { errno?: number; call?: string };
  if (errno === undefined || call === undefined) return undefined;
  return { code: getSystemErrorName(-errno), call, text: message };
}
