/** Checks that a kernel was given the surfaces it needs, before anything runs. */
import { formatShape, sameShape } from "../cpu/shape.js";
import type { Bindings, Port } from "../device.js";
import { DisposedError, EvaluationError, ShapeError } from "../errors.js";
import { alignedRowStride } from "./row-stride.js";
import { AneSurface } from "./surface.js";

/**
 * The surfaces of the ports by name.
 * @throws EvaluationError for a missing, unknown, doubly bound or accessed port, ShapeError for a surface of another type or row
 * stride, DisposedError
 */
export function checkBindings(
  kernel: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  bindings: Bindings,
): ReadonlyMap<string, AneSurface> {
  const ports = [...inputs, ...outputs];
  for (const name of Object.keys(bindings)) {
    if (!ports.some((port) => port.name === name)) {
      throw new EvaluationError(
        kernel,
        `bindings: every name must be a port, got "${name}". ` +
          `The ports are ${ports.map((port) => `"${port.name}"`).join(", ")}.`,
      );
    }
  }
  const surfaces = new Map(ports.map((port) => [port.name, surfaceOf(kernel, port, bindings)]));
  for (const output of outputs) {
    const other = ports.find(
      ({ name }) => name !== output.name && surfaces.get(name) === surfaces.get(output.name),
    );
    if (other) {
      throw new EvaluationError(
        kernel,
        `port "${output.name}": an output must have a surface of its own, ` +
          `got the surface of port "${other.name}". Create another surface for it.`,
      );
    }
  }
  return surfaces;
}

function surfaceOf(kernel: string, port: Port, bindings: Bindings): AneSurface {
  const where = `${kernel}: port "${port.name}"`;
  const surface = bindings[port.name];
  if (surface === undefined) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface, got none. Bind ${typeOf(port)}.`,
    );
  }
  if (!(surface instanceof AneSurface)) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface of an ane device, got another object. ` +
        "Create it with createSurface of the device that compiled the kernel.",
    );
  }
  if (surface.disposed) throw new DisposedError(`${where}: its surface`);
  if (surface.dtype !== port.dtype || !sameShape(surface.shape, port.shape)) {
    const remedy = "Create the surface from the port";
    throw new ShapeError(where, `a surface of ${typeOf(port)}`, typeOf(surface), remedy);
  }
  expectLayout(where, port, surface);
  if (surface.accessed) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": its surface must be free, got one inside a callback of read or write. ` +
        "Evaluate after the callback has returned.",
    );
  }
  return surface;
}

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

function typeOf({ dtype, shape }: Pick<Port, "dtype" | "shape">): string {
  return `${dtype} ${formatShape(shape)}`;
}
