/** Checks that a kernel was given the surfaces it needs, before anything runs: the rules that all devices share. */
import { formatShape, sameShape } from "./cpu/shape.js";
import type { Bindings, Device, Port, Surface } from "./device.js";
import { DisposedError, EvaluationError, ShapeError } from "./errors.js";

/** What a device adds to the rules. */
export interface SurfaceRules<S extends Surface> {
  readonly device: Device["kind"];
  isOwn(surface: Surface): surface is S;
  isDisposed(surface: S): boolean;
  /** After all others. @throws ShapeError, EvaluationError */
  check?(kernel: string, port: Port, surface: S): void;
}

/**
 * The surfaces of the ports in order, inputs before outputs.
 * @throws EvaluationError for a missing, unknown or doubly bound port, ShapeError for a surface of another type, DisposedError
 */
export function checkBindings<S extends Surface>(
  kernel: string,
  inputs: readonly Port[],
  outputs: readonly Port[],
  bindings: Bindings,
  rules: SurfaceRules<S>,
): S[] {
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
  const surfaces = ports.map((port) => surfaceOf(kernel, port, bindings, rules));
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

function surfaceOf<S extends Surface>(
  kernel: string,
  port: Port,
  bindings: Bindings,
  rules: SurfaceRules<S>,
): S {
  const where = `${kernel}: port "${port.name}"`;
  const surface = bindings[port.name];
  if (surface === undefined) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface, got none. Bind ${typeOf(port)}.`,
    );
  }
  if (!rules.isOwn(surface)) {
    throw new EvaluationError(
      kernel,
      `port "${port.name}": must be bound to a surface of the ${rules.device} device, got another object. ` +
        "Create it with createSurface of the device that compiled the kernel.",
    );
  }
  if (rules.isDisposed(surface)) throw new DisposedError(`${where}: its surface`);
  if (surface.dtype !== port.dtype || !sameShape(surface.shape, port.shape)) {
    const remedy = "Create the surface from the port";
    throw new ShapeError(where, `a surface of ${typeOf(port)}`, typeOf(surface), remedy);
  }
  rules.check?.(kernel, port, surface);
  return surface;
}

function typeOf({ dtype, shape }: Pick<Port, "dtype" | "shape">): string {
  return `${dtype} ${formatShape(shape)}`;
}
