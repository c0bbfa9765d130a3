/** Small programs, and kernels with their surfaces. */
import {
  buildProgram,
  floatFromHalf,
  halfFromFloat,
  type Program,
  tensor,
  toHalfArray,
  writeBlobFile,
} from "@ane/mil-builder";
import type { CompiledKernel, Device, Surface } from "../../../src/index.js";
import { surfacesFor } from "../../../test/support/run.js";

const port = (channels: number, width: number) => tensor("fp16", [1, channels, 1, width]);

/** out = x · factor; another factor is another program. */
export function scale(factor: number, channels = 4, width = 32): Program {
  return buildProgram({}, (f) => {
    const x = f.input("x", port(channels, width));
    return { out: f.mul({ x, y: factor }) };
  });
}

/**
 * Ports of four sizes whose names no rule sorts as they are declared: zeta, alpha, midi [1, 2|4|8, 1, 32|64|96] in, and
 * yes = zeta + 1, beta = alpha + 2, last = midi + 3 out.
 */
export const MANY_PORTS = buildProgram({}, (f) => {
  const zeta = f.input("zeta", port(2, 32));
  const alpha = f.input("alpha", port(4, 64));
  const midi = f.input("midi", port(8, 96));
  return {
    yes: f.add({ x: zeta, y: 1 }),
    beta: f.add({ x: alpha, y: 2 }),
    last: f.add({ x: midi, y: 3 }),
  };
});

/** out = w · x with w [2, 4, 1, 1] in a weight file. */
export const WEIGHTED = buildProgram({}, (f) => {
  const x = f.input("x", port(4, 32));
  const weight = f.blob("w", tensor("fp16", [2, 4, 1, 1]), "@model_path/weights/w.bin");
  return { out: f.conv({ x, weight }, "product") };
});

export function weights(value: number): Map<string, Uint8Array> {
  const data = toHalfArray(new Array(8).fill(value));
  return new Map([["@model_path/weights/w.bin", writeBlobFile([{ dtype: "fp16", data }])]]);
}

export function fillWith(surface: Surface, value: number): void {
  surface.write((elements) => {
    elements.fill(elements instanceof Uint16Array ? halfFromFloat(value) : value);
  });
}

/** The one value that all elements of the surface's rows have; NaN if they differ. */
export function valueIn(surface: Surface): number {
  return surface.read((elements) => {
    const [n, c, h, width] = surface.shape;
    const rows = Array.from({ length: n * c * h }, (_, row) => row * surface.rowStride);
    const all = new Set(rows.flatMap((start) => [...elements.subarray(start, start + width)]));
    const [only] = all;
    if (all.size !== 1) return Number.NaN;
    return elements instanceof Uint16Array ? floatFromHalf(only!) : only!;
  });
}

/** Evaluates with every input filled with `value`: the value of the only output. */
export function valueThrough(device: Device, kernel: CompiledKernel, value: number): number {
  const surfaces = surfacesFor(device, kernel);
  for (const { name } of kernel.inputs) fillWith(surfaces[name]!, value);
  kernel.evaluate(surfaces);
  const result = valueIn(surfaces[kernel.outputs[0]!.name]!);
  for (const surface of Object.values(surfaces)) surface.dispose();
  return result;
}
