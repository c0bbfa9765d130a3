/** Accuracy of every opcode against float64. */
import { describe, expect, test } from "vitest";
import { elementwise, Opcode } from "../src/index.js";
import { floatFromHalf, roundToHalf } from "./support/half.js";
import { randomNumbers } from "./support/random.js";
import { erf, erfc, ulps } from "./support/special-functions.js";

const infinity = Number.POSITIVE_INFINITY;
const special = [0, -0, infinity, -infinity, Number.NaN, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126];

/** r0 and r1 are the inputs. */
function apply(opcode: Opcode, x: Float32Array, y = x, roundHalf = false): Float32Array {
  const out = new Float32Array(x.length);
  const operand = (data: Float32Array) => ({ data, offset: 0, strides: [1] });
  elementwise({
    shape: [x.length],
    inputs: [operand(x), operand(y)],
    outputs: [operand(out)],
    code: Int32Array.of(
      ...[Opcode.LOAD, 0, 0, 0],
      ...[Opcode.LOAD, 1, 1, 0],
      ...[Opcode.LOAD, 2, 0, 0],
      ...[opcode, 2, 0, 1],
      ...[Opcode.STORE, 0, 2, 0],
    ),
    constants: new Float32Array(0),
    roundHalf,
  });
  return out;
}

/** Numbers over many orders of magnitude up to `limit`, both signs or positive only, and the special ones. */
function spread(limit: number, positive = false): Float32Array {
  const next = randomNumbers(7);
  const values = Array.from({ length: 20_000 }, (_, i) => {
    const magnitude = i % 2 ? limit * next() : limit * 2 ** (-40 * next());
    return positive || next() < 0.5 ? magnitude : -magnitude;
  });
  return Float32Array.from([...special, ...values]);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe("one argument", () => {
  test.each<[keyof typeof Opcode, number, boolean, number, (x: number) => number]>([
    ["NEG", 1e38, false, 0, (x) => -x],
    ["ABS", 1e38, false, 0, Math.abs],
    ["SQUARE", 1e19, false, 0.5, (x) => x * x],
    ["SQRT", 1e38, true, 0.5, Math.sqrt],
    ["RSQRT", 1e38, true, 1.5, (x) => 1 / Math.sqrt(x)],
    ["INVERSE", 1e38, false, 0.5, (x) => 1 / x],
    ["EXP", 110, false, 1.5, Math.exp],
    ["LOG", 3e38, true, 1.5, Math.log],
    ["SIGMOID", 120, false, 2, sigmoid],
    ["SILU", 80, false, 2.5, (x) => x * sigmoid(x)],
    ["TANH", 12, false, 2, Math.tanh],
    ["ERF", 5, false, 2, erf],
    ["RELU", 1e38, false, 0, (x) => (Number.isNaN(x) ? x : Math.max(x, 0))],
    ["GELU_SIGMOID", 40, false, 4, (x) => x * sigmoid(Math.fround(Math.fround(1.702) * x))],
    ["FLOOR", 1e6, false, 0, Math.floor],
    ["CEIL", 1e6, false, 0, Math.ceil],
    ["SIGN", 1e38, false, 0, Math.sign],
  ])("%s", (name, limit, positive, bound, reference) => {
    const x = spread(limit, positive);
    const actual = apply(Opcode[name], x);
    // Infinity times zero and their like are what IEEE arithmetic makes of them.
    x.forEach((value, i) => {
      const error = ulps(actual[i]!, reference(value));
      if (!(error <= bound)) expect.fail(`${name}(${value}) = ${actual[i]}, ${error} ulp off`);
    });
  });

  test("LOG of negative numbers is NaN, of zero -infinity", () => {
    const actual = apply(Opcode.LOG, Float32Array.of(-1, -0, 0, -infinity));
    expect([...actual]).toEqual([Number.NaN, -infinity, -infinity, Number.NaN]);
  });

  test("ROUND takes ties to even", () => {
    const actual = apply(Opcode.ROUND, Float32Array.of(0.5, 1.5, -2.5, 2.51, 1e10, -0.2));
    expect([...actual]).toEqual([0, 2, -2, 3, 1e10, -0]);
  });

  test("GELU and GELU_TANH keep small numbers in the left tail", () => {
    const x = Float32Array.from({ length: 4000 }, (_, i) => -9 + i / 250);
    const exact = apply(Opcode.GELU, x);
    const approximate = apply(Opcode.GELU_TANH, x);
    const scale = Math.sqrt(2 / Math.PI);
    x.forEach((value, i) => {
      const gelu = 0.5 * value * erfc(-value / Math.SQRT2);
      expect(Math.abs(exact[i]! - gelu)).toBeLessThanOrEqual(Math.abs(gelu) * 8e-5 + 1e-38);
      if (value > -2) expect(Math.abs(exact[i]! - gelu)).toBeLessThanOrEqual(Math.abs(gelu) * 6e-7);
      const u = scale * (value + 0.044715 * value ** 3);
      const tanh = value * sigmoid(2 * u);
      const error = Math.abs(tanh) * (4e-7 + 3e-7 * Math.abs(u)) + 1e-38;
      expect(Math.abs(approximate[i]! - tanh)).toBeLessThanOrEqual(error);
    });
  });
});

describe("two arguments", () => {
  const next = randomNumbers(3);
  const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
  const values = Array.from({ length: 20_000 }, () => [
    (next() - 0.5) * 2 ** (40 * next()),
    (next() - 0.5) * 2 ** (40 * next()),
  ]);
  const x = Float32Array.from([...pairs, ...values], (pair) => pair[0]!);
  const y = Float32Array.from([...pairs, ...values], (pair) => pair[1]!);

  test.each<[keyof typeof Opcode, (x: number, y: number) => number]>([
    ["ADD", (a, b) => a + b],
    ["SUB", (a, b) => a - b],
    ["MUL", (a, b) => a * b],
    ["DIV", (a, b) => a / b],
    ["MAX", (a, b) => Math.max(a, b)],
    ["MIN", (a, b) => Math.min(a, b)],
    ["EQUAL", (a, b) => Number(a === b)],
    ["NOT_EQUAL", (a, b) => Number(a !== b)],
    ["LESS", (a, b) => Number(a < b)],
    ["LESS_EQUAL", (a, b) => Number(a <= b)],
    ["GREATER", (a, b) => Number(a > b)],
    ["GREATER_EQUAL", (a, b) => Number(a >= b)],
  ])("%s is correctly rounded", (name, reference) => {
    const actual = apply(Opcode[name], x, y);
    x.forEach((value, i) => {
      const expected = Math.fround(reference(value, y[i]!));
      const same = Object.is(actual[i], expected) || (actual[i] === 0 && expected === 0);
      if (!same) expect.fail(`${name}(${value}, ${y[i]}) = ${actual[i]}, must be ${expected}`);
    });
  });

  test("SELECT picks by its target: zeros of both signs are false, NaN is true", () => {
    const condition = Float32Array.of(0, -0, 1, Number.NaN);
    const out = new Float32Array(4);
    const operand = (data: Float32Array, stride = 1) => ({ data, offset: 0, strides: [stride] });
    elementwise({
      shape: [4],
      inputs: [operand(condition), operand(Float32Array.of(5), 0), operand(Float32Array.of(6), 0)],
      outputs: [operand(out)],
      code: Int32Array.of(
        ...[Opcode.LOAD, 0, 0, 0],
        ...[Opcode.LOAD, 1, 1, 0],
        ...[Opcode.LOAD, 2, 2, 0],
        ...[Opcode.SELECT, 0, 1, 2],
        ...[Opcode.STORE, 0, 0, 0],
      ),
      constants: new Float32Array(0),
      roundHalf: false,
    });
    expect([...out]).toEqual([6, 6, 5, 5]);
  });

  test("POW with any exponent", () => {
    const base = Float32Array.from({ length: 3000 }, (_, i) => (i + 1) / 300);
    const exponent = Float32Array.from({ length: 3000 }, (_, i) => ((i * 37) % 200) / 10 - 10);
    const actual = apply(Opcode.POW, base, exponent);
    base.forEach((value, i) => {
      expect(ulps(actual[i]!, value ** exponent[i]!)).toBeLessThanOrEqual(0.51);
    });
  });

  test.each([2, 1, 0.5, -0.5, -1, 3])("POW with the constant exponent %d", (exponent) => {
    const base = Float32Array.from([...special, 4, 9, 0.3, 1e-20, 1e20, 7.7, -8]);
    const out = new Float32Array(base.length);
    const operand = (data: Float32Array) => ({ data, offset: 0, strides: [1] });
    elementwise({
      shape: [base.length],
      inputs: [operand(base)],
      outputs: [operand(out)],
      code: Int32Array.of(
        ...[Opcode.LOAD, 3, 0, 0],
        ...[Opcode.CONST, 1, 0, 0],
        ...[Opcode.POW, 3, 3, 1],
        ...[Opcode.STORE, 0, 3, 0],
      ),
      constants: Float32Array.of(exponent),
      roundHalf: false,
    });
    base.forEach((value, i) => {
      const message = `${value} ** ${exponent} = ${out[i]}`;
      expect(ulps(out[i]!, value ** exponent), message).toBeLessThanOrEqual(1.5);
      expect(Object.is(out[i], -0), message).toBe(Object.is(Math.fround(value ** exponent), -0));
    });
  });
});

describe("rounding to fp16 after every instruction", () => {
  const halves = Float32Array.from({ length: 0x7c00 }, (_, bits) => floatFromHalf(bits));
  const next = randomNumbers(5);
  const other = halves.map(() => floatFromHalf(Math.floor(next() * 0x7c00)));

  test.each<[keyof typeof Opcode, (x: number, y: number) => number]>([
    ["ADD", (x, y) => x + y],
    ["SUB", (x, y) => x - y],
    ["MUL", (x, y) => x * y],
    ["DIV", (x, y) => x / y],
    ["SQUARE", (x) => x * x],
    ["SQRT", (x) => Math.sqrt(x)],
    ["INVERSE", (x) => 1 / x],
  ])("%s gives the nearest half of the exact result", (name, reference) => {
    const actual = apply(Opcode[name], halves, other, true);
    halves.forEach((x, i) => {
      const expected = roundToHalf(reference(x, other[i]!));
      if (!Object.is(actual[i], expected)) {
        expect.fail(`${name}(${x}, ${other[i]}) = ${actual[i]}, must be ${expected}`);
      }
    });
  });

  test("inputs and constants are rounded too", () => {
    const out = new Float32Array(3);
    const operand = (data: Float32Array) => ({ data, offset: 0, strides: [1] });
    elementwise({
      shape: [3],
      inputs: [operand(Float32Array.of(0.1, 1e6, 1e-9))],
      outputs: [operand(out)],
      code: Int32Array.of(
        ...[Opcode.LOAD, 0, 0, 0],
        ...[Opcode.CONST, 1, 0, 0],
        ...[Opcode.ADD, 0, 0, 1],
        ...[Opcode.STORE, 0, 0, 0],
      ),
      constants: Float32Array.of(1 / 3),
      roundHalf: true,
    });
    const third = roundToHalf(1 / 3);
    expect([...out]).toEqual([roundToHalf(roundToHalf(0.1) + third), infinity, third]);
  });
});
