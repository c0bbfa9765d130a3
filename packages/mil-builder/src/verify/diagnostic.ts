/** What the verifier reports. */

/** The chips whose restrictions differ: M1 = h13 (A14), M2 = h14 (A15), M3 = h15, M4 = h16, M5. */
export type Chip = "m1" | "m2" | "m3" | "m4" | "m5";

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
