/** Errors of packages that are foreign, cut or at odds with themselves. */
import { FormatError } from "../errors.js";

/** What is wrong with a package, and where. */
export interface PackageProblem {
  /** File within the package, such as "Manifest.json". */
  readonly path: string;
  /** Field in that file, such as `mlProgram.functions["main"].opset`; absent: the file itself. */
  readonly field?: string;
  readonly rule: string;
  readonly actual: string;
  readonly remedy?: string;
  readonly cause?: unknown;
}

export function packageError(problem: PackageProblem): FormatError {
  const { path, field, rule, actual, cause } = problem;
  const { remedy = "Make the package again with the tool that wrote it." } = problem;
  const where = field === undefined ? path : `${path}: ${field}`;
  return new FormatError("ERR_MLPACKAGE", `${where}: ${rule}, got ${actual}. ${remedy}`, {
    path,
    ...(field === undefined ? {} : { field }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Path of the model within a package, as writers name it. */
export const MODEL_PATH = "Data/com.apple.CoreML/model.mlmodel";

/** An error in the model; `field` is a path of its fields. */
export function modelError(field: string, rule: string, actual: string): FormatError {
  return packageError({ path: MODEL_PATH, field, rule, actual });
}
