/**
 * The input surface of a layer's dynamic kernels, [1, C, 1, W]: activations in the left S columns, a column for each vector beside
 * them, then matrices, one below the other. All kernels of the layer share it, so that parameters are staged once.
 *
 *     column  0          S        S + 32              S + 32 + side
 *             ┌──────────┬────────┬───────────────────┐ channel 0
 *             │ x        │ b  g … │ w1                │
 *             │ d_y      │        ├───────────────────┤
 *             │ h        │        │ w2ᵀ               │
 */
import type { Slot, StagedWeight } from "../../kernel.js";
import { Stack } from "../../kernels/dynamic/packed-surface.js";
import type { ParameterShape } from "./types.js";

/** A row fills whole 64-byte lines in fp16. */
const ROW_ELEMENTS = 32;

/** The surface, and where what lies in it. */
export interface SurfaceLayout {
  readonly shape: readonly [1, number, 1, number];
  readonly activations: ReadonlyMap<string, Slot>;
  readonly staged: ReadonlyMap<string, StagedWeight>;
}

/** @param channels Of each activation. */
export function surfaceLayout(
  S: number,
  channels: ReadonlyMap<string, number>,
  parameters: Readonly<Record<string, ParameterShape>>,
): SurfaceLayout {
  const left = new Stack(0, S);
  const activations = new Map([...channels].map(([name, size]) => [name, left.place(size)]));
  const staged = new Map<string, StagedWeight>();
  let height = left.height;
  let end = left.end;

  const all = Object.entries(parameters);
  const vectors = all.filter(([, { shape }]) => shape.length === 1);
  vectors.forEach(([name, { shape }], index) => {
    const size = shape[0]!;
    const slot = {
      port: "x",
      axis: "channel",
      start: 0,
      size,
      column: end + index,
      shape: [1, size, 1, 1],
    } as const;
    staged.set(name, { slot, transposed: false });
    height = Math.max(height, size);
  });
  end += wholeRows(vectors.length);

  const matrices = all.filter(([, { shape }]) => shape.length === 2);
  const side = commonSide(matrices.map(([, { shape }]) => shape));
  const stacks = new Map<number, [string, ParameterShape][]>();
  for (const entry of matrices) {
    const [, { shape }] = entry;
    const width = shape.includes(side) ? side : shape[1]!;
    stacks.set(width, [...(stacks.get(width) ?? []), entry]);
  }
  for (const [width, entries] of stacks) {
    const stack = new Stack(end, width);
    for (const [name, { shape }] of entries) {
      const [out, input] = shape as [number, number];
      const transposed = input !== width;
      staged.set(name, { slot: stack.place(transposed ? input : out), transposed });
    }
    height = Math.max(height, stack.height);
    end = wholeRows(stack.end);
  }
  return { shape: [1, height, 1, wholeRows(end)], activations, staged };
}

/** The dim that most of the matrices have, the smallest of several. */
function commonSide(shapes: readonly (readonly number[])[]): number {
  const counts = new Map<number, number>();
  for (const dim of shapes.flatMap((shape) => [...new Set(shape)])) {
    counts.set(dim, (counts.get(dim) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return sorted[0]?.[0] ?? 0;
}

function wholeRows(elements: number): number {
  return Math.ceil(elements / ROW_ELEMENTS) * ROW_ELEMENTS;
}
