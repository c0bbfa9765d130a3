/** One surface as the output of a kernel and the input of others: no copy in between, and never used by two at a time. */
import { describe, expect, it } from "vitest";
import { EvaluationError, openDevice, type Surface } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { counters, inject } from "./support/fake.js";
import { fillWith, scale, valueIn } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0 });
const PORT = { dtype: "fp16", shape: [1, 4, 1, 32] } as const;

describe("an output bound as another kernel's input", () => {
  it("is read where it was written", () => {
    using device = open();
    using double = device.compile(scale(2));
    using triple = device.compile(scale(3));
    const [a, b, c] = [1, 2, 3].map(() => device.createSurface(PORT)) as [
      Surface,
      Surface,
      Surface,
    ];
    fillWith(a, 1);
    double.evaluate({ x: a, out: b });
    triple.evaluate({ x: b, out: c });
    expect([a, b, c].map(valueIn)).toEqual([1, 2, 6]);
    // Back into the first: what was an output is an input, and the reverse.
    double.evaluate({ x: c, out: a });
    expect(valueIn(a)).toBe(12);
    expect(counters().surfaces).toBe(3);
  });

  it("works along a ring of twelve kernels, around and around", () => {
    using device = open();
    const kernels = Array.from({ length: 12 }, (_, i) =>
      device.compile(scale(i % 2 === 0 ? 2 : 0.5)),
    );
    const ring = kernels.map(() => device.createSurface(PORT));
    fillWith(ring[0]!, 3);
    for (let round = 0; round < 4; round++) {
      for (const [i, kernel] of kernels.entries()) {
        kernel.evaluate({ x: ring[i]!, out: ring[(i + 1) % 12]! });
      }
    }
    expect(ring.map(valueIn)).toEqual(kernels.map((_, i) => (i % 2 === 0 ? 3 : 6)));
  });

  it("stays valid when the kernel that wrote it is disposed of", () => {
    using device = open();
    const [a, b, c] = [1, 2, 3].map(() => device.createSurface(PORT)) as [
      Surface,
      Surface,
      Surface,
    ];
    fillWith(a, 1);
    {
      using writer = device.compile(scale(2));
      writer.evaluate({ x: a, out: b });
    }
    using reader = device.compile(scale(5));
    reader.evaluate({ x: b, out: c });
    expect(valueIn(c)).toBe(10);
  });
});

describe("a surface inside a callback of read or write", () => {
  it("is refused by an evaluation, which would wait for it forever", () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const { x, out } = surfacesFor(device, kernel) as { x: Surface; out: Surface };
    expect(() => x.read(() => kernel.evaluate({ x, out }))).toThrow(
      /port "x": its surface must be free/,
    );
    expect(() => out.write(() => kernel.evaluate({ x, out }))).toThrow(EvaluationError);
    kernel.evaluate({ x, out });
  });

  it("may be named by an asynchronous one, which begins after it", async () => {
    using device = open();
    using kernel = device.compile(scale(2));
    const { x, out } = surfacesFor(device, kernel) as { x: Surface; out: Surface };
    const evaluation = x.write((elements) => {
      elements.fill(0x3c00);
      return kernel.evaluateAsync({ x, out });
    });
    await evaluation;
    expect(valueIn(out)).toBe(2);
  });
});

describe("kernels that share surfaces and are evaluated on several threads", () => {
  it("take turns where one writes what another uses", async () => {
    const [first, second] = [open(), open()];
    using double = first.compile(scale(2));
    using triple = second.compile(scale(3));
    const [a, b, c] = [1, 2, 3].map(() => first.createSurface(PORT)) as [Surface, Surface, Surface];
    fillWith(a, 1);
    fillWith(b, 1);
    // Long enough for the two to meet, were they let in together: the fake reports a surface that is written and used at once.
    inject("evaluateWithQoS", "delay", { code: 20 });
    const runs = Array.from({ length: 6 }, () => [
      double.evaluateAsync({ x: a, out: b }),
      triple.evaluateAsync({ x: b, out: c }),
    ]);
    await Promise.all(runs.flat());
    expect(valueIn(b)).toBe(2);
    expect([3, 6]).toContain(valueIn(c));
    first.dispose();
    second.dispose();
  });

  it("run together where they only read in common", async () => {
    const [first, second] = [open(), open()];
    using double = first.compile(scale(2));
    using triple = second.compile(scale(3));
    const [a, b, c] = [1, 2, 3].map(() => first.createSurface(PORT)) as [Surface, Surface, Surface];
    fillWith(a, 1);
    await Promise.all([
      double.evaluateAsync({ x: a, out: b }),
      triple.evaluateAsync({ x: a, out: c }),
    ]);
    expect([b, c].map(valueIn)).toEqual([2, 3]);
    first.dispose();
    second.dispose();
  });
});
