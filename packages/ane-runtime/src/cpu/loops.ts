/**
 * Joins neighbouring steps that go through the same batch, such as the heads of attention, into one loop: a thread takes
 * one entry through all the steps while its tensors are in the cache, and the threads meet once instead of at each step.
 *
 * Before: qk [12 × …]; masked [12 × …]; probs [12 × …]; a [12 × …]        each step all heads, 1.5 MB between them
 * After:  loop 12 × { qk; masked; probs; a }                              128 KB per thread
 */
import type { Place } from "@ane/accel-ops";
import type { LoopGroup } from "./loop-group.js";
import { type Buffer, byteLengthOf, isNative, type NativeStep, type Step } from "./plan.js";
import { type Lifetime, overlay } from "./scratch.js";
import { elementCount } from "./shape.js";
import {
  type Access,
  accessesOf,
  type BodyStep,
  batchOf,
  splitStep,
  withPlaces,
} from "./split-step.js";
import { type MaskReader, withStairs } from "./stairs.js";

/** The steps with loops in them; the buffers of what only one entry sees have become private. */
export function makeLoops(
  steps: readonly Step[],
  buffers: readonly Buffer[],
  readMask: MaskReader,
): { steps: Step[]; buffers: Buffer[] } {
  const made: Step[] = [];
  const changed = [...buffers];
  for (let next = 0; next < steps.length; ) {
    const group = groupFrom(steps.slice(next));
    if (!group) {
      made.push(steps[next]!);
      next++;
      continue;
    }
    const end = next + group.steps.length;
    const others = [...steps.slice(0, next), ...steps.slice(end)];
    made.push(loopStep(withStairs(group, readMask), others, changed));
    next = end;
  }
  return { steps: made, buffers: changed };
}

/** The longest group that begins with the first step and reaches beyond a batch of products. */
function groupFrom(steps: readonly Step[]): LoopGroup | undefined {
  for (const [index, step] of steps.entries()) {
    if (!isNative(step)) return undefined;
    const loops = batchOf(step);
    if (loops) {
      const group = extend(steps, loops);
      return group.steps.length > Math.max(1, index) ? group : undefined;
    }
    if (step.kind === "gemm") return undefined;
  }
  return undefined;
}

function extend(candidates: readonly Step[], loops: readonly number[]): LoopGroup {
  const steps: NativeStep[] = [];
  const parts: BodyStep[] = [];
  const accesses: Access[] = [];
  for (const step of candidates) {
    const part = isNative(step) ? splitStep(step, loops) : undefined;
    if (!part || !isNative(step)) break;
    const own = accessesOf(part);
    const all = [...accesses, ...own];
    if (!own.every((one) => all.every((other) => areApart(one, other, loops)))) break;
    steps.push(step);
    parts.push(part);
    accesses.push(...own);
  }
  return { loops, steps, parts, guards: new Map() };
}

/** True if no entry writes what another one touches. */
function areApart(a: Access, b: Access, loops: readonly number[]): boolean {
  if (a.place.buffer !== b.place.buffer || !(a.writes || b.writes)) return true;
  const end = ({ end, place }: Access) =>
    loops.reduce((sum, size, loop) => sum + (size - 1) * place.loopStrides![loop]!, end);
  if (end(a) <= b.start || end(b) <= a.start) return true;
  const stride = strideOf(a, loops);
  return stride === strideOf(b, loops) && windowOf([a, b]).length <= stride;
}

/** The distance from each entry to the next; 0 if there is no single one. */
function strideOf({ place }: Access, loops: readonly number[]): number {
  const strides = place.loopStrides!;
  const stride = strides.at(-1)!;
  const isUniform = loops.every(
    (_, loop) => strides[loop] === stride * elementCount(loops.slice(loop + 1)),
  );
  return isUniform ? stride : 0;
}

/** What several operands touch in one entry. */
function windowOf(accesses: readonly Access[]): { start: number; length: number } {
  const start = Math.min(...accesses.map((one) => one.start));
  return { start, length: Math.max(...accesses.map(({ end }) => end)) - start };
}

/** @param others all steps of the plan that are not in the group */
function loopStep(group: LoopGroup, others: readonly Step[], buffers: Buffer[]): NativeStep {
  const { loops, steps, guards } = group;
  const parts = group.parts.flatMap((part, index) => {
    const guard = guards.get(index);
    return guard ? [guard, part] : [part];
  });
  const elsewhere = new Set(
    others.flatMap(({ reads, writes }) => [...reads, ...writes].map(({ buffer }) => buffer)),
  );
  const starts = makePrivate(parts, loops, buffers, elsewhere);
  const bodies = parts.map((part) => withPlaces(part, (place) => inPrivate(place, starts)));
  const { offsets, bytes } = overlay(privateLifetimes(bodies, buffers));
  const isShared = ({ buffer }: { readonly buffer: number }) => !starts.has(buffer);
  return {
    kind: "loop",
    label: steps.map(({ label }) => label).join(", "),
    reads: steps.flatMap(({ reads }) => reads).filter(isShared),
    writes: steps.flatMap(({ writes }) => writes).filter(isShared),
    flops: steps.reduce((sum, { flops }) => sum + flops, 0),
    detail: `${loops.join(" × ")} ×`,
    nodes: steps.flatMap(({ nodes }) => nodes),
    body: steps,
    native: [
      {
        kind: "loop",
        sizes: loops,
        steps: bodies,
        privates: [...offsets].map(([buffer, byteOffset]) => ({ buffer, byteOffset })),
        privateBytes: bytes,
      },
    ],
  };
}

/**
 * Makes scratch buffers private that only this loop touches, entry by entry: one entry's part is left of them.
 * @returns where the first entry's part began, by buffer
 */
function makePrivate(
  parts: readonly BodyStep[],
  loops: readonly number[],
  buffers: Buffer[],
  elsewhere: ReadonlySet<number>,
): Map<number, number> {
  const starts = new Map<number, number>();
  const accesses = parts.flatMap(accessesOf);
  for (const index of new Set(accesses.map(({ place }) => place.buffer))) {
    const buffer = buffers[index]!;
    if (buffer.source.kind !== "scratch" || elsewhere.has(index)) continue;
    const own = accesses.filter(({ place }) => place.buffer === index);
    const { start, length } = windowOf(own);
    if (!own.every((one) => length <= strideOf(one, loops))) continue;
    buffers[index] = { ...buffer, length, source: { kind: "private" } };
    starts.set(index, start);
  }
  return starts;
}

function inPrivate<P extends Place>(place: P, starts: ReadonlyMap<number, number>): P {
  const start = starts.get(place.buffer);
  if (start === undefined) return place;
  return { ...place, offset: place.offset - start, loopStrides: place.loopStrides!.map(() => 0) };
}

function privateLifetimes(bodies: readonly BodyStep[], buffers: readonly Buffer[]): Lifetime[] {
  const lives = new Map<number, { first: number; last: number }>();
  bodies.forEach((body, index) => {
    for (const { place } of accessesOf(body)) {
      if (buffers[place.buffer]!.source.kind !== "private") continue;
      const life = lives.get(place.buffer);
      if (life) life.last = index;
      else lives.set(place.buffer, { first: index, last: index });
    }
  });
  return [...lives].map(([buffer, life]) => ({
    buffer,
    bytes: byteLengthOf(buffers[buffer]!),
    ...life,
  }));
}
