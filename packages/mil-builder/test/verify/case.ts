/** What the verifier must find in a program that breaks a rule. */
import type { Program } from "../../src/index.js";
import type { Chip, Os } from "../../src/verify/diagnostic.js";

export interface Case {
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly where: string;
  /** What the message says was found. */
  readonly actual: string;
  readonly chip?: Chip;
  readonly os?: Os;
  readonly broken: Program;
}
