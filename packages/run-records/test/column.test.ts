/** A column behaves like an immutable array, also where two grow from one. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Column } from "../src/column.js";

const columnOf = (numbers: readonly number[]) =>
  numbers.reduce((column, number) => column.push(number), Column.empty);

it("holds what was pushed", () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index / 7);
  const column = columnOf(numbers);
  expect([...column.values()]).toEqual(numbers);
  expect(column.at(99)).toBe(99 / 7);
});

it("never changes, whatever grows from it", () => {
  const edits = fc.array(
    fc.record({ of: fc.nat(), keep: fc.nat(), pushed: fc.array(fc.double({ noNaN: true })) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(edits, (list) => {
      const columns = [Column.empty];
      const arrays: number[][] = [[]];
      for (const { of, keep, pushed } of list) {
        const source = of % columns.length;
        const length = keep % (arrays[source]!.length + 1);
        columns.push(pushed.reduce((c, x) => c.push(x), columns[source]!.take(length)));
        arrays.push([...arrays[source]!.slice(0, length), ...pushed]);
      }
      expect(columns.map((column) => [...column.values()])).toEqual(arrays);
    }),
  );
});
