/** Checks that a kernel was given the surfaces it needs, before anything runs. */
import type { Bindings, Port } from "../device.js";
import { DisposedError, EvaluationError, ShapeError } from "../errors.js";
import { formatShape, sameShape } from "./shape.js";
import { CpuSurface } from "./surface.js";

/**
 * The surfaces of the ports in order, inputs before outputs.
 * @throws EvaluationError for a missing, unknown or doubly bound port, ShapeError for a surface of another type,
 * DisposedError
 */
export function checkBindings(
  kernel: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  bindings: Bindings,
): CpuSurface[] {
  const ports = [...inputs, ...outputs];
  for (const name of Object.keys(bindings)) {
    if (!ports.some((port) => port.name === name)) {
      throw new EvaluationError(
        kernel,
        `bindings: every name must be a port, got "${name}". The ports are ${quoted(ports)}.`,
      );
    }
  }
  const surfaces = ports.map((port) => surfaceOf(kernel, port, bindings));
  outputs.forEach((output, index) => {
    const other = surfaces.indexOf(surfaces[inputs.length + index]!);
    if (other !== inputs.length + index) {
      throw new EvaluationError(
        kernel,
        `port "${output.name}": an output must have a surface of its own, ` +
          `got the surface of port "${ports[other]!.name}". Create another surface for it.`,
      );
    }
  });
  return surfaces;
}

function surfaceOf(kernel: string, port: Port, bindings: Bindings): CpuSurface {
  const where = `${kernel}: port "${port.name}"`;
  const surface = bindings[port.name];
  if (surface === undefined) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface, got none. Bind ${port.dtype} ${formatShape(port.shape)}.`,
    );
  }
  if (!(surface instanceof CpuSurface)) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface of a cpu device, got another object. ` +
        "Create it with createSurface of the device that compiled the kernel.",
    );
  }
  if (surface.disposed) throw new DisposedError(`${where}: its surface`);
  if (surface.dtype !== port.dtype || !sameShape(surface.shape, port.shape)) {
    throw new ShapeError(
      where,
      `a surface of ${port.dtype} ${formatShape(port.shape)}`,
      `${surface.dtype} ${formatShape(surface.shape)}`,
      "Create the surface from the port",
    );
  }
  return surface;
}

function quoted(ports: readonly Port[]): string {
  return ports.map(({ name }) => `"${name}"`).join(", ");
}
