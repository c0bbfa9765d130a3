/** What `grad` throws. Every message reads `grad: <what>: <why>. <what to do>`. */

/** What is wrong: an option, an op without a rule, a name, unknown dims, a missing seed, or a rule that broke its contract. */
export type GradientErrorCode =
  | "option"
  | "not_differentiable"
  | "unknown_value"
  | "unknown_dims"
  | "unknown_parameter"
  | "seed"
  | "rule";

/** A gradient that cannot be derived. */
export class GradientError extends Error {
  override readonly name = "GradientError";
  readonly code: GradientErrorCode;

  /** The message without its beginning. */
  readonly reason: string;

  constructor(code: GradientErrorCode, reason: string, cause?: Error) {
    super(`grad: ${reason}`, cause && { cause });
    this.code = code;
    this.reason = reason;
  }
}
