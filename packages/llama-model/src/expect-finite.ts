/** Refuses parameters that no sound training leaves behind. */
import { allFinite } from "@ane/accel-ops";
import { FormatError } from "./errors.js";
import type { Parameters } from "./parameters.js";

/** @throws FormatError naming the tensor and the index of its first NaN or infinity. */
export function expectFinite(path: string, parameters: Parameters): void {
  for (const { name } of parameters.layout.entries) {
    const view = parameters.view(name);
    if (allFinite(view)) continue;
    const index = view.findIndex((value) => !Number.isFinite(value));
    throw new FormatError(
      path,
      `${path}: parameters must be finite, got ${view[index]} in ${name}[${index}]. The file is damaged or its training diverged.`,
    );
  }
}
