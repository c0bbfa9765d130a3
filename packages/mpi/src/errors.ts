/** The one error of this package: MPI is missing, was not launched, or failed. */
export class MpiError extends Error {
  override readonly name = "MpiError";
  readonly code = "ERR_MPI";
}
