/** Surfaces for a kernel's ports, filled and read as packed tensors. */
import type { Slot } from "@ane/mil-builder";
import type { CompiledKernel, Device, Port, Surface } from "../device.js";
import { readSlot, writeSlot } from "../slots.js";

/** Packed [C, W] elements by port. */
export type PortValues = Readonly<Record<string, Float32Array>>;

/** The whole surface `[1, C, 1, W]` as a slot. */
function wholePort({ name, shape }: Port): Slot {
  return { port: name, axis: "channel", start: 0, size: shape[1], shape };
}

/** One surface per port, with the inputs' values. */
export function bindInputs(
  device: Device,
  { inputs, outputs }: CompiledKernel,
  values: PortValues,
): Record<string, Surface> {
  const ports = [...inputs, ...outputs];
  const surfaces = Object.fromEntries(ports.map((port) => [port.name, device.createSurface(port)]));
  for (const port of inputs) writeSlot(surfaces[port.name]!, wholePort(port), values[port.name]!);
  return surfaces;
}

export function readOutputs(
  { outputs }: CompiledKernel,
  surfaces: Readonly<Record<string, Surface>>,
): PortValues {
  return Object.fromEntries(
    outputs.map((port) => {
      const values = new Float32Array(port.shape[1] * port.shape[3]);
      readSlot(surfaces[port.name]!, wholePort(port), values);
      return [port.name, values];
    }),
  );
}

/** Outputs of one evaluation on surfaces of its own. */
export function evaluateOnce(
  device: Device,
  kernel: CompiledKernel,
  inputs: PortValues,
): PortValues {
  const surfaces = bindInputs(device, kernel, inputs);
  kernel.evaluate(surfaces);
  const outputs = readOutputs(kernel, surfaces);
  for (const surface of Object.values(surfaces)) surface.dispose();
  return outputs;
}
