import { describe, expect, test } from "vitest";
import {
  type TableActivation,
  tableActivation,
} from "../../src/evaluate/engine/activation-table.js";
import { roundHalfAway } from "../../src/evaluate/engine/round-half-away.js";
import { erf } from "../../src/evaluate/erf.js";
import {
  buildProgram,
  type FunctionBuilder,
  floatFromHalf,
  interpret,
  tensor,
  type Value,
} from "../../src/index.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const gelu = (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2));

/** Largest errors over all fp16 arguments, reported with two digits. None is reported for erf. */
const ACTIVATIONS: readonly [TableActivation, (x: number) => number, reported: number][] = [
  ["sigmoid", sigmoid, 3.4e-3],
  ["tanh", Math.tanh, 1.6e-3],
  ["gelu", gelu, 6.2e-3],
  ["silu", (x) => x * sigmoid(x), 1.5e-2],
];

const HALFS = Array.from({ length: 0x10000 }, (_, bits) => floatFromHalf(bits)).filter(
  Number.isFinite,
);

test.each(ACTIVATIONS)("the largest error of %s is the reported one", (name, f, reported) => {
  const look = tableActivation(name);
  let largest = 0;
  for (const x of HALFS) largest = Math.max(largest, Math.abs(roundHalfAway(look(x)) - f(x)));
  expect(Math.abs(largest / reported - 1)).toBeLessThan(0.03);
});

describe("tables", () => {
  test.each([
    ["sigmoid", sigmoid, -8, 0.5],
    ["silu", (x: number) => x * sigmoid(x), -8, 0.5],
    ["gelu", gelu, -4, 0.25],
    ["tanh", Math.tanh, 0, 0.125],
    ["erf", erf, 0, 1 / 16],
  ] as const)("%s: 33 points of the function, lines between them", (name, f, from, step) => {
    const look = tableActivation(name);
    for (let i = 0; i < 32; i++) {
      const [left, right] = [from + i * step, from + (i + 1) * step];
      expect(look(left)).toBe(roundHalfAway(f(left)));
      expect(look(right)).toBe(roundHalfAway(f(right)));
      expect(look(left + step / 4)).toBeCloseTo(0.75 * look(left) + 0.25 * look(right), 12);
    }
  });

  test("beyond the last point they are the limits of their functions", () => {
    const [sigmoidTable, silu] = [tableActivation("sigmoid"), tableActivation("silu")];
    expect([sigmoidTable(-8.01), sigmoidTable(8.01)]).toEqual([0, 1]);
    expect([silu(-9), silu(9), silu(Infinity), silu(-Infinity)]).toEqual([0, 9, Infinity, 0]);
    expect(tableActivation("gelu")(4.5)).toBe(4.5);
    expect(tableActivation("erf")(-2.5)).toBe(-1);
  });

  test("tanh and erf are odd", () => {
    for (const name of ["tanh", "erf"] as const) {
      const look = tableActivation(name);
      for (const x of [0.01, 0.7, 1.99, 3.3, 5]) expect(look(-x)).toBe(-look(x));
    }
  });
});

test("ops use them, and round the result once", () => {
  const type = tensor("fp16", [1]);
  const value = (op: (f: FunctionBuilder, x: Value) => Value, x: number) => {
    const program = buildProgram({}, (f) => ({ y: op(f, f.input("x", type)) }));
    return interpret(program, { x: { type, data: [x] } }, { numerics: "ane" }).y!.data[0];
  };
  const [x, midway] = [0.25, 0.5 * (roundHalfAway(sigmoid(0)) + roundHalfAway(sigmoid(0.5)))];
  expect(value((f, x) => f.sigmoid({ x }), x)).toBe(roundHalfAway(midway));
  expect(value((f, x) => f.silu({ x }), x)).toBe(roundHalfAway(0.25 * sigmoid(0.5)));
  expect(value((f, x) => f.tanh({ x }), -0.125)).toBe(-roundHalfAway(Math.tanh(0.125)));
  expect(value((f, x) => f.erf({ x }), 0.0625)).toBe(roundHalfAway(erf(0.0625)));
  const exact = value((f, x) => f.gelu({ x, mode: "EXACT" }), 0.125);
  expect(exact).toBe(roundHalfAway(0.5 * roundHalfAway(gelu(0.25))));
  expect(value((f, x) => f.gelu({ x, mode: "TANH_APPROXIMATION" }), 0.125)).toBe(exact);
  expect(value((f, x) => f.gelu({ x, mode: "SIGMOID_APPROXIMATION" }), 0.125)).not.toBe(exact);
});
