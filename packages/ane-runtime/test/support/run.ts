/** Runs a program on a device and on the reference interpreter with the same inputs. */
import {
  floatFromHalf,
  halfFromFloat,
  interpret,
  type Program,
  staticTypeOf,
} from "@ane/mil-builder";
import type { CompiledKernel, Device, Surface, WeightFiles } from "../../src/index.js";
import { normalHalves } from "../../src/selftest/numbers.js";

export type Tensors = Record<string, ArrayLike<number>>;

const NO_WEIGHTS: WeightFiles = new Map();

/** Packed row-major elements into a surface, and back. */
export function fill(surface: Surface, values: ArrayLike<number>): void {
  surface.write((elements) => {
    eachElement(surface, (at, i) => {
      elements[at] = elements instanceof Uint16Array ? halfFromFloat(values[i]!) : values[i]!;
    });
  });
}

export function contents(surface: Surface): Float64Array {
  return surface.read((elements) => {
    const values: number[] = [];
    eachElement(surface, (at) => {
      values.push(elements instanceof Uint16Array ? floatFromHalf(elements[at]!) : elements[at]!);
    });
    return Float64Array.from(values);
  });
}

function eachElement({ shape, rowStride }: Surface, visit: (at: number, i: number) => void): void {
  const [n, c, h, w] = shape;
  for (let row = 0; row < n * c * h; row++) {
    for (let column = 0; column < w; column++) visit(row * rowStride + column, row * w + column);
  }
}

export function surfacesFor(device: Device, kernel: CompiledKernel): Record<string, Surface> {
  const ports = [...kernel.inputs, ...kernel.outputs];
  return Object.fromEntries(ports.map((port) => [port.name, device.createSurface(port)]));
}

/** Outputs of a compiled kernel by port, packed. */
export function evaluate(device: Device, kernel: CompiledKernel, inputs: Tensors): Tensors {
  const surfaces = surfacesFor(device, kernel);
  for (const { name } of kernel.inputs) fill(surfaces[name]!, inputs[name]!);
  kernel.evaluate(surfaces);
  return Object.fromEntries(kernel.outputs.map(({ name }) => [name, contents(surfaces[name]!)]));
}

/** Normally distributed inputs for the ports of a program. */
export function randomInputs(program: Program, seed: number, std = 1): Tensors {
  const inputs = program.functions[0]!.inputs;
  return Object.fromEntries(
    inputs.map((input, index) => {
      const count = staticTypeOf(input).shape.reduce((product, size) => product * size, 1);
      return [input.name, normalHalves(count, seed * 1000 + index, std)];
    }),
  );
}

export function runOnDevice(
  device: Device,
  program: Program | string,
  inputs: Tensors,
  weights: WeightFiles = NO_WEIGHTS,
): Tensors {
  using kernel = device.compile(program, weights, { name: "test" });
  return evaluate(device, kernel, inputs);
}

export function runReference(
  program: Program,
  inputs: Tensors,
  numerics: "fp16" | "fp32" | "float64",
  weights: WeightFiles = NO_WEIGHTS,
): Tensors {
  const types = program.functions[0]!.inputs;
  const sources = types.map(
    (input) => [input.name, { type: staticTypeOf(input), data: inputs[input.name]! }] as const,
  );
  const results = interpret(program, Object.fromEntries(sources), { weights, numerics });
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
}
