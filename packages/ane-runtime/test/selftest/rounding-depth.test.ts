/** How many roundings lie on a program's longest chain. */
import { buildProgram, type FunctionBuilder, tensor, type Value } from "@ane/mil-builder";
import { expect, it } from "vitest";
import { roundingDepth } from "../../src/selftest/rounding-depth.js";

const depthOf = (body: (f: FunctionBuilder, x: Value) => Value) =>
  roundingDepth(
    buildProgram({}, (f) => ({ y: body(f, f.input("x", tensor("fp16", [1, 4, 1, 32]))) })),
  );

it("counts ops one after the other", () => {
  expect(depthOf((f, x) => f.mul({ x: f.add({ x, y: 1 }), y: 2 }))).toBe(2);
});

it("takes the longest of several branches", () => {
  expect(depthOf((f, x) => f.add({ x: f.exp({ x: f.tanh({ x }) }), y: f.relu({ x }) }))).toBe(3);
});

it("does not count what only moves elements, but follows them through it", () => {
  const body = (f: FunctionBuilder, x: Value) => {
    const both = f.concat({ values: [f.mul({ x, y: 2 }), x], axis: 1, interleave: false });
    return f.add({ x: f.reshape({ x: both, shape: [1, 4, 1, 64] }), y: 1 });
  };
  expect(depthOf(body)).toBe(2);
});

it("is at least one: a result is stored in fp16", () => {
  expect(depthOf((f, x) => f.identity({ x }))).toBe(1);
});
