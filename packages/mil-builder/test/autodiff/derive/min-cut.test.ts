/** The cheapest cut against all cuts of small networks. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlowNetwork } from "../../../src/autodiff/derive/min-cut.js";

const NODES = 6;
const [SOURCE, SINK] = [0, 1];

const edges = fc.array(
  fc.record({
    from: fc.nat(NODES - 1),
    to: fc.nat(NODES - 1),
    capacity: fc.nat(9),
  }),
  { maxLength: 20 },
);

test("no set of nodes with the source is cut off at a lower price, and no smaller one at the same", () => {
  fc.assert(
    fc.property(edges, (list) => {
      const network = new FlowNetwork();
      for (let node = 0; node < NODES; node++) network.node();
      for (const { from, to, capacity } of list) network.edge(from, to, capacity);
      const price = (inside: (node: number) => boolean) =>
        list
          .filter(({ from, to }) => inside(from) && !inside(to))
          .reduce((sum, { capacity }) => sum + capacity, 0);
      const found = network.sourceSide(SOURCE, SINK);
      expect(found.has(SOURCE)).toBe(true);
      expect(found.has(SINK)).toBe(false);
      for (let set = 0; set < 2 ** NODES; set++) {
        const inside = (node: number) => ((set >> node) & 1) === 1;
        if (!inside(SOURCE) || inside(SINK)) continue;
        const difference = price(inside) - price((node) => found.has(node));
        expect(difference).toBeGreaterThanOrEqual(0);
        if (difference > 0) continue;
        expect([...found].every(inside)).toBe(true);
      }
    }),
  );
});
