/** Scratch memory: what lives at the same time never shares bytes, and the block may grow under compiled kernels. */
import { buildProgram, tensor } from "@ane/mil-builder";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packedLayout } from "../../src/cpu/layout.js";
import type { Buffer, Step } from "../../src/cpu/plan.js";
import { assignScratch } from "../../src/cpu/scratch.js";
import { openDevice } from "../../src/index.js";
import { normalHalves } from "../../src/selftest/numbers.js";
import { evaluate } from "../support/run.js";

function scratchBuffer(length: number): Buffer {
  return { name: "b", dtype: "fp16", length, source: { kind: "scratch", byteOffset: 0 } };
}

function stepOf(reads: readonly number[], writes: readonly number[]): Step {
  const place = (buffer: number) => ({ buffer, layout: packedLayout([1]) });
  return {
    kind: "copy",
    label: "",
    reads: reads.map(place),
    writes: writes.map(place),
    flops: 0,
    detail: "",
    run: () => {},
  };
}

describe("scratch memory", () => {
  it("keeps apart what lives at the same time, on 64-byte boundaries", () => {
    const lives = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 300 }), from: fc.nat(9), span: fc.nat(9) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(lives, (buffers) => {
        const steps = Array.from({ length: 20 }, (_, step) => {
          const starting = buffers.flatMap(({ from }, i) => (from === step ? [i] : []));
          const ending = buffers.flatMap(({ from, span }, i) => (from + span === step ? [i] : []));
          return stepOf(ending, starting);
        });
        const { buffers: assigned, scratchBytes } = assignScratch(
          buffers.map(({ length }) => scratchBuffer(length)),
          steps,
        );
        const spans = assigned.map(({ source, length }, i) => {
          const start = source.kind === "scratch" ? source.byteOffset : Number.NaN;
          const { from, span } = buffers[i]!;
          return { start, end: start + length * 2, from, to: from + span };
        });
        for (const a of spans) {
          expect(a.start % 64).toBe(0);
          expect(a.end).toBeLessThanOrEqual(scratchBytes);
          for (const b of spans) {
            const together = a !== b && a.from <= b.to && b.from <= a.to;
            if (together) expect(a.end <= b.start || b.end <= a.start).toBe(true);
          }
        }
      }),
    );
  });

  it("gives a buffer that nothing touches no memory", () => {
    const { buffers, scratchBytes } = assignScratch([scratchBuffer(100)], [stepOf([], [])]);
    expect(buffers[0]!.length).toBe(0);
    expect(scratchBytes).toBe(0);
  });

  it("may grow under a kernel that has already run", () => {
    const squares = (channels: number) =>
      buildProgram({}, (f) => {
        const x = f.input("x", tensor("fp16", [1, channels, 1, 32]));
        const top = f.reduce_max({ x: f.square({ x }), axes: [1], keep_dims: true });
        return { out: f.sub({ x, y: top }) };
      });
    using device = openDevice("cpu", { compileBudget: 0 });
    const small = device.compile(squares(4));
    const inputs = { x: normalHalves(128, 1) };
    const before = evaluate(device, small, inputs);
    const large = device.compile(squares(400));
    evaluate(device, large, { x: normalHalves(12800, 2) });
    expect(evaluate(device, small, inputs)).toEqual(before);
  });
});
