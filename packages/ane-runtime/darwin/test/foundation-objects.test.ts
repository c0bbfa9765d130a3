/** Foundation's objects (data, strings, dictionaries, errors) are counted too: the same work again leaves no more of them. */
import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { countFoundationObjects, foundationObjects, inject, reset, set } from "./support/fake.js";
import { MANY_PORTS, scale, valueThrough, WEIGHTED, weights } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0, performanceStats: true });

/** What is more after the work than before, once the first rounds have filled what is kept for good. */
function growth(work: () => void): Record<string, number> {
  countFoundationObjects();
  set("compileBudget", 0);
  for (let round = 0; round < 3; round++) work();
  const before = foundationObjects();
  // Were nothing counted, nothing could grow.
  expect(Object.keys(before).length).toBeGreaterThan(0);
  for (let round = 0; round < 5; round++) work();
  const after = foundationObjects();
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, count]) => {
      const more = count - (before[name] ?? 0);
      return more > 0 ? [[name, more]] : [];
    }),
  );
}

describe("no Foundation object is left", () => {
  it("by compiling, evaluating and disposing", () => {
    let factor = 0;
    const grown = growth(() => {
      using device = open();
      using kernel = device.compile(scale(++factor));
      expect(valueThrough(device, kernel, 1)).toBe(factor);
      using weighted = device.compile(WEIGHTED, weights(factor));
      expect(valueThrough(device, weighted, 1)).toBe(4 * factor);
      using many = device.compile(MANY_PORTS);
      many.evaluate(surfacesFor(device, many));
    });
    expect(grown).toEqual({});
  });

  it("by failures of every step", () => {
    let factor = 100;
    const grown = growth(() => {
      using device = open();
      for (const place of ["compileWithQoS", "loadWithQoS"] as const) {
        for (const kind of ["error", "no", "throw"] as const) {
          inject(place, kind, { code: 3 });
          expect(() => device.compile(scale(++factor))).toThrow();
          reset();
          set("compileBudget", 0);
        }
      }
      using kernel = device.compile(scale(++factor));
      const surfaces = surfacesFor(device, kernel);
      for (const kind of ["error", "no", "throw"] as const) {
        inject("evaluateWithQoS", kind, { code: 0x1d, times: 1 });
        expect(() => kernel.evaluate(surfaces)).toThrow();
      }
      inject("unloadWithQoS", "error", { times: 1 });
      expect(() => kernel.dispose()).toThrow();
    });
    expect(grown).toEqual({});
  });

  it("by ten thousand accesses of a surface", () => {
    using device = open();
    using surface = device.createSurface({ dtype: "fp16", shape: [1, 2, 1, 32] });
    const grown = growth(() => {
      for (let i = 0; i < 2000; i++) surface.write((elements) => elements.fill(i));
    });
    expect(grown).toEqual({});
  });
});
