/** Memory for intermediate results: which buffers may share it, and the one block that all kernels of a device use. */
import { alignedBuffer } from "@ane/accel-ops";
import { type Buffer, byteLengthOf, type Memory, memoryOf, type Plan, type Step } from "./plan.js";

const ALIGNMENT = 64;

/** A buffer that must keep its bytes from step `first` to step `last`. */
export interface Lifetime {
  readonly buffer: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Gives every buffer a byte offset at which nothing that lives at the same time lies: largest first, each at the lowest
 * offset where it fits.
 */
export function overlay(lifetimes: readonly Lifetime[]): {
  offsets: Map<number, number>;
  bytes: number;
} {
  const placed: (Lifetime & { readonly offset: number })[] = [];
  for (const lifetime of [...lifetimes].sort((a, b) => b.bytes - a.bytes)) {
    const neighbours = placed
      .filter(({ first, last }) => first <= lifetime.last && lifetime.first <= last)
      .sort((a, b) => a.offset - b.offset);
    const bytes = Math.ceil(lifetime.bytes / ALIGNMENT) * ALIGNMENT;
    let offset = 0;
    for (const neighbour of neighbours) {
      if (offset + bytes <= neighbour.offset) break;
      offset = Math.max(offset, neighbour.offset + neighbour.bytes);
    }
    placed.push({ ...lifetime, bytes, offset });
  }
  return {
    offsets: new Map(placed.map(({ buffer, offset }) => [buffer, offset])),
    bytes: Math.max(0, ...placed.map(({ offset, bytes }) => offset + bytes)),
  };
}

/** Gives every scratch buffer its place in the scratch memory. */
export function assignScratch(
  buffers: readonly Buffer[],
  steps: readonly Step[],
): { buffers: Buffer[]; scratchBytes: number } {
  const { offsets, bytes } = overlay(lifetimesOf(buffers, steps));
  const assigned = buffers.map((buffer, index): Buffer => {
    if (buffer.source.kind !== "scratch") return buffer;
    const byteOffset = offsets.get(index);
    // A buffer that no step touches needs no memory.
    return byteOffset === undefined
      ? { ...buffer, length: 0 }
      : { ...buffer, source: { kind: "scratch", byteOffset } };
  });
  return { buffers: assigned, scratchBytes: bytes };
}

function lifetimesOf(buffers: readonly Buffer[], steps: readonly Step[]): Lifetime[] {
  const touched = new Map<number, { first: number; last: number }>();
  steps.forEach(({ reads, writes }, index) => {
    for (const { buffer } of [...reads, ...writes]) {
      if (buffers[buffer]!.source.kind !== "scratch") continue;
      const life = touched.get(buffer);
      if (life) life.last = index;
      else touched.set(buffer, { first: index, last: index });
    }
  });
  return [...touched].map(([buffer, life]) => ({
    buffer,
    bytes: byteLengthOf(buffers[buffer]!),
    ...life,
  }));
}

/** The scratch memory of a device. Kernels of one device never run at the same time, so one block serves them all. */
export class Scratch {
  #bytes = new ArrayBuffer(0);
  /** Views of the block by plan, made again after the block has grown. */
  #views = new WeakMap<Plan, ReadonlyMap<number, Memory>>();

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** Makes room for a plan. */
  reserve(plan: Plan): void {
    if (plan.scratchBytes <= this.#bytes.byteLength) return;
    this.#bytes = alignedBuffer(plan.scratchBytes);
    this.#views = new WeakMap();
  }

  /** Memory of the plan's scratch buffers by index, the same map until the block grows. */
  viewsOf(plan: Plan): ReadonlyMap<number, Memory> {
    let views = this.#views.get(plan);
    if (!views) {
      const made = new Map<number, Memory>();
      plan.buffers.forEach((buffer, index) => {
        if (buffer.source.kind !== "scratch") return;
        made.set(index, memoryOf(buffer, this.#bytes, buffer.source.byteOffset));
      });
      views = made;
      this.#views.set(plan, views);
    }
    return views;
  }
}
