/** What the verifier reports, and for which machines. */

/** The chips whose restrictions differ: M1 = h13 (A14), M2 = h14 (A15), M3 = h15, M4 = h16, M5. */
export type Chip = "m1" | "m2" | "m3" | "m4" | "m5";

/** Versions of macOS, whose compilers read different dialects and opsets. */
export type Os = "macos12" | "macos13" | "macos14" | "macos15" | "macos26";

/** For which machine a program is meant. */
export interface VerifyOptions {
  /** Rules of single chips are checked only for the chip that is asked for. */
  readonly chip?: Chip;
  /** Rules of single versions of macOS are checked only for the version that is asked for. */
  readonly os?: Os;
}

/** A rule that a program breaks, at one place. */
export interface Diagnostic {
  /** Identifier of the rule, such as "row-alignment". */
  readonly rule: string;
  /**
   * "error": the language demands it, or public projects agree that it fails. "warning": one report, or reports that
   * contradict each other.
   */
  readonly severity: "error" | "warning";
  /** Function and op or value: `main: conv "qf"`. */
  readonly where: string;
  /** What must hold, and what was found. */
  readonly message: string;
  /** Public projects that report it, or the part of the language definition. */
  readonly evidence: string;
  /** What to do instead. */
  readonly remedy: string;
}
