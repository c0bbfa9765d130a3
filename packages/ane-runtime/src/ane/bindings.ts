/** Surfaces of the engine, as the ports of a kernel need them: laid out as the loaded model wants, and not in use. */
import type { SurfaceRules } from "../check-bindings.js";
import type { Port } from "../device.js";
import { EvaluationError, ShapeError } from "../errors.js";
import { alignedRowStride } from "./row-stride.js";
import { AneSurface } from "./surface.js";

export const ANE_SURFACES: SurfaceRules<AneSurface> = {
  device: "ane",
  isOwn: (surface) => surface instanceof AneSurface,
  isDisposed: ({ disposed }) => disposed,
  check(kernel, port, surface) {
    expectLayout(`${kernel}: port "${port.name}"`, port, surface);
    if (surface.accessed) {
      throw new EvaluationError(
        kernel,
        `port "${port.name}": its surface must be free, got one inside a callback of read or write. ` +
          "Evaluate after the callback has returned.",
      );
    }
  },
};

/** The loaded model says where it reads and writes; a surface of another layout would give garbage. */
function expectLayout(where: string, port: Port, surface: AneSurface): void {
  const rowStride = port.rowStride ?? alignedRowStride(port.dtype, port.shape[3]);
  const byteLength = port.byteLength ?? 0;
  if (surface.rowStride === rowStride && surface.byteLength >= byteLength) return;
  throw new ShapeError(
    where,
    `rows ${rowStride} elements apart in at least ${byteLength} bytes, as the loaded model has them`,
    `rows ${surface.rowStride} elements apart in ${surface.byteLength} bytes`,
    "Create the surface from the port of the compiled kernel",
  );
}
