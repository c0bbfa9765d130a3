/** What `deriveTraining` throws. Every message reads `deriveTraining: <what>: <rule>, got <actual>. <what to do>.` */
import type { Diagnostic } from "../../verify/diagnostic.js";

/**
 * "layer": the definition (a name, a shape, an option) breaks a rule; "no_gradient": nothing of the outputs depends on a value;
 * "device": a kernel cannot be made such that the chip takes it, see `diagnostics`.
 */
export type DeriveErrorCode = "layer" | "no_gradient" | "device";

/** A layer whose training kernels cannot be derived. */
export class DeriveError extends Error {
  override readonly name = "DeriveError";

  constructor(
    readonly code: DeriveErrorCode,
    message: string,
    /** What the verifier says, for code "device". */
    readonly diagnostics: readonly Diagnostic[] = [],
  ) {
    super(`deriveTraining: ${message}`);
  }
}
