import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "./finite-differences.js";
import { dim, shapeOf } from "./random-shapes.js";

describe("scaled_dot_product_attention", () => {
  it("of query, key and value, without a mask, with one that is added, and with a boolean one", () => {
    fc.assert(
      fc.property(
        shapeOf(1, 3),
        fc.tuple(dim, dim, dim, dim),
        fc.constantFrom("none", "added", "kept"),
        fc.nat({ max: 3 }),
        fc.nat(),
        (batch, [L, S, E, EV], kind, dropped, seed) => {
          const whole = [...batch, L, S];
          const mask = whole.slice(Math.min(dropped, whole.length - 1));
          const count = mask.reduce((product, extent) => product * extent, 1);
          const kept = Array.from({ length: count }, (_, i) =>
            i % S === 0 || i % 3 === 0 ? 1 : 0,
          );
          checkGradients(
            (f, v) =>
              f.scaled_dot_product_attention({
                query: v.query,
                key: v.key,
                value: v.value,
                attn_mask: kind === "none" ? undefined : kind === "added" ? v.added : v.mask,
              }),
            {
              query: { shape: [...batch, L, E] },
              key: { shape: [...batch, S, E] },
              value: { shape: [...batch, S, EV] },
              added: { shape: mask },
              mask: { shape: mask, dtype: "bool", data: kept },
            },
            { seed },
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
