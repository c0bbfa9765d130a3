/** Memory for intermediate results: which buffers may share it, and the one block that all kernels of a device use. */
import { type Buffer, byteLengthOf, type Memory, memoryOf, type Plan, type Step } from "./plan.js";

const ALIGNMENT = 64;

/** A buffer that must keep its bytes from step `first` to step `last`. */
interface Lifetime {
  readonly buffer: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Gives every scratch buffer a byte offset at which nothing that lives at the same time lies: largest first, each at the
 * lowest offset where it fits.
 */
export function assignScratch(
  buffers: readonly Buffer[],
  steps: readonly Step[],
): { buffers: Buffer[]; scratchBytes: number } {
  const lifetimes = lifetimesOf(buffers, steps).sort((a, b) => b.bytes - a.bytes);
  const placed: (Lifetime & { readonly offset: number })[] = [];
  // A buffer that no step touches needs no memory.
  const assigned = buffers.map((buffer) =>
    buffer.source.kind === "scratch" ? { ...buffer, length: 0 } : buffer,
  );
  let scratchBytes = 0;
  for (const lifetime of lifetimes) {
    const neighbours = placed
      .filter(({ first, last }) => first <= lifetime.last && lifetime.first <= last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const neighbour of neighbours) {
      if (offset + lifetime.bytes <= neighbour.offset) break;
      offset = Math.max(offset, neighbour.offset + neighbour.bytes);
    }
    placed.push({ ...lifetime, offset });
    scratchBytes = Math.max(scratchBytes, offset + lifetime.bytes);
    assigned[lifetime.buffer] = {
      ...buffers[lifetime.buffer]!,
      source: { kind: "scratch", byteOffset: offset },
    };
  }
  return { buffers: assigned, scratchBytes };
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
    bytes: Math.ceil(byteLengthOf(buffers[buffer]!) / ALIGNMENT) * ALIGNMENT,
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
    this.#bytes = new ArrayBuffer(plan.scratchBytes);
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
