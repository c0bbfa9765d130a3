import { describe, expect, it } from "vitest";
import { expectClose, expectShapeError, given, runOne } from "./run-op.js";

describe("scaled_dot_product_attention", () => {
  const query = given("fp32", [1, 1, 4], [Math.log(3), Math.log(3), 0, 0]);
  const key = given("fp32", [1, 2, 4], [1, 1, 0, 0, 0, 0, 0, 0]);
  const value = given("fp32", [1, 2, 1], [8, 0]);

  it("weighs the values by softmax(q · kᵀ / √E)", () => {
    const { shape, data } = runOne({ query, key, value }, (f, v) =>
      f.scaled_dot_product_attention(v),
    );
    expect(shape).toEqual([1, 1, 1]);
    expectClose(data, [6], 14);
  });

  it("adds a float mask, and keeps where a boolean one is true", () => {
    const shift = given("fp32", [1, 2], [-Math.log(3), 0]);
    const added = runOne({ query, key, value, shift }, (f, { shift: attn_mask, ...v }) =>
      f.scaled_dot_product_attention({ ...v, attn_mask }),
    );
    expectClose(added.data, [4], 14);
    const keep = given("bool", [1, 1, 2], [0, 1]);
    const kept = runOne({ query, key, value, keep }, (f, { keep: attn_mask, ...v }) =>
      f.scaled_dot_product_attention({ ...v, attn_mask }),
    );
    expect(kept.data).toEqual([0]);
  });

  it("refuses operands and masks that do not fit", () => {
    const other = given("fp32", [2, 2, 4], new Array<number>(16).fill(0));
    expectShapeError(
      { query, other, value },
      (f, v) => f.scaled_dot_product_attention({ query: v.query!, key: v.other!, value: v.value! }),
      /equal batch dims/,
    );
    const mask = given("fp32", [1, 1], [0]);
    expectShapeError(
      { query, key, value, mask },
      (f, v) =>
        f.scaled_dot_product_attention({
          query: v.query!,
          key: v.key!,
          value: v.value!,
          attn_mask: v.mask!,
        }),
      /"attn_mask" must end in S/,
    );
  });
});
