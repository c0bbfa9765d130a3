/** PyTorch's loss and gradients of small versions of the examples (tools/fixtures/example_gradients.py), from the same numbers. */
import { readFileSync } from "node:fs";

interface Manifest {
  readonly config: Record<string, unknown>;
  readonly loss: number;
  readonly dataSalt: number;
  readonly matrixScale: number;
  readonly vectorScale: number;
  /** Shapes in the order of the arena. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

export interface Fixture extends Manifest {
  readonly gradients: Float32Array;
}

export function readFixture(example: string): Fixture {
  const file = (extension: string) =>
    readFileSync(new URL(`fixtures/${example}.${extension}`, import.meta.url));
  const manifest = JSON.parse(file("json").toString("utf8")) as Manifest;
  return { ...manifest, gradients: new Float32Array(new Uint8Array(file("bin")).buffer) };
}

/** A 32-bit integer hash (Wellons' lowbias32). */
function mix(index: number): number {
  let x = index >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Writes the parameters that the gradients belong to. */
export function fillParameters(
  { parameters, matrixScale, vectorScale }: Manifest,
  target: Float32Array,
): void {
  let i = 0;
  for (const [name, shape] of Object.entries(parameters)) {
    const isGain = /gamma$|gain$/.test(name);
    const end = i + shape.reduce((product, dim) => product * dim, 1);
    for (; i < end; i++) {
      const unit = ((mix(i) >>> 16) - 32768) / 32768;
      target[i] = (isGain ? 1 : 0) + (shape.length === 1 ? vectorScale : matrixScale) * unit;
    }
  }
}

/** The numbers that tokens, pixels and labels are made of. */
export function hashed({ dataSalt }: Manifest, count: number): number[] {
  return Array.from({ length: count }, (_, i) => mix(dataSalt + i));
}

/** ||a − b|| */
export function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!));
}

/** ||a|| */
export function norm(a: Float32Array): number {
  return Math.hypot(...a);
}
