/** What the framework reported, in words. */
import type { NativeFailure } from "./native.js";

/** Whether an error comes from a call of the framework. */
export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && "step" in error && "errorCode" in error;
}

/** The framework's own text on one line, with domain and code, or the exception's name. */
export function frameworkText({ message, domain, errorCode, exception }: NativeFailure): string {
  if (exception !== "") return `${exception}: ${message}`;
  return domain === "" ? message : `${message} (${domain} code ${errorCode})`;
}

/** The entries of the NSError's userInfo that say more than its text, one per line, indented; "" where there are none. */
export function frameworkDetails({ message, details }: NativeFailure): string {
  return details
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(`: ${message}`))
    .map((line) => `\n  ${line}`)
    .join("");
}
