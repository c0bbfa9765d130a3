/**
 * One question to the machine. A case runs in a process of its own, since some answers end it: what it says is plain data. The
 * table of cases says beforehand how the verifier's rules change by the answer.
 */
import type { Spread } from "./timing.js";
import type { Workbench } from "./workbench.js";

/** One output of a program, compared with the reference. */
export interface TensorComparison {
  readonly name: string;
  /** Largest magnitude expected. */
  readonly largest: number;
  /** JSON has no infinity: null where one of the two is NaN or infinite and the other is not. */
  readonly maxDifference: number | null;
  readonly tolerance: number;
}

export interface CaseResult {
  /** "works", "wrong", "not compiled" (the compiler refused), "not evaluated", or a word of the case's own. */
  readonly answer: string;
  /** One line for a person. */
  readonly details: string;
  /** Verifier rules that the program breaks on this machine. */
  readonly brokenRules?: readonly string[];
  readonly tensors?: readonly TensorComparison[];
  readonly compileMs?: number;
  /** Milliseconds of one evaluation. */
  readonly dispatchMs?: Spread;
  readonly teraflops?: number;
  /** Further observations by name. */
  readonly observed?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface SelftestCase {
  /** Unique, such as "kernel/fwdFFN" or "1/packed rows". */
  readonly id: string;
  readonly question: string;
  /** Verifier rule, or limit that no rule checks, that the answer decides. */
  readonly rule?: string;
  /** What follows for the rule from each answer; "otherwise" from all others. */
  readonly changes?: Readonly<Record<string, string>>;
  /** @param progress called with where the case is, in case that it does not come back */
  run(bench: Workbench, progress: (where: string) => void): CaseResult | Promise<CaseResult>;
}
