/** Programs, memory layouts, threads and argument rules of elementwise. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  type ElementwiseOptions,
  elementwise,
  Opcode,
  type Operand,
  type Real,
  setThreads,
  UNROUNDED,
} from "../src/index.js";
import { floatFromHalf, halfFromFloat, roundToHalf } from "./support/half.js";
import { digest } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

/** y = silu(a) * b + 0.25 in three instructions. */
const gateCode = Int32Array.of(
  ...[Opcode.LOAD, 0, 0, 0],
  ...[Opcode.LOAD, 1, 1, 0],
  ...[Opcode.CONST, 2, 0, 0],
  ...[Opcode.SILU, 0, 0, 0],
  ...[Opcode.MUL, 3, 0, 1],
  ...[Opcode.ADD, 31, 3, 2],
  ...[Opcode.STORE, 0, 31, 0],
);
const gate = { code: gateCode, constants: Float32Array.of(0.25), roundHalf: false };
const silu = (x: number) => x / (1 + Math.exp(-x));

const value = (data: Real, i: number) =>
  data instanceof Float32Array ? data[i]! : floatFromHalf(data[i]!);

function real(type: "fp16" | "fp32", length: number, seed: number): Real {
  const numbers = randomFloats(length, seed, 4);
  return type === "fp32" ? numbers : Uint16Array.from(numbers, halfFromFloat);
}

function positions(shape: readonly number[], { offset = 0, strides }: Operand): number[] {
  return shape.reduce<number[]>(
    (all, size, d) =>
      all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[d]!)),
    [offset],
  );
}

/** Runs `gate` and checks every element of the output's array. */
function checkGate(shape: number[], a: Operand, b: Operand, out: Operand): void {
  const before = out.data.slice();
  const [inA, inB] = [a, b].map((operand) =>
    positions(shape, operand).map((at) => value(operand.data, at)),
  );
  elementwise({ shape, inputs: [a, b], outputs: [out], ...gate });
  const written = new Set<number>();
  positions(shape, out).forEach((at, i) => {
    written.add(at);
    const expected = silu(inA![i]!) * inB![i]! + 0.25;
    const rounding = out.data instanceof Float32Array ? 2 ** -21 : 2 ** -10;
    expect(Math.abs(value(out.data, at) - expected)).toBeLessThanOrEqual(rounding * 20);
  });
  before.forEach((old, at) => {
    if (!written.has(at)) expect(out.data[at]).toBe(old);
  });
}

describe("layouts", () => {
  const types = ["fp16", "fp32"] as const;

  test.each([0, 1, 2, 15, 16, 17, 100, 511, 512, 513, 1300])("%i contiguous elements", (length) => {
    for (const typeA of types) {
      for (const typeOut of types) {
        const a = { data: real(typeA, length + 3, 1), offset: 3, strides: [1] };
        const b = { data: real("fp32", length + 1, 2), offset: 1, strides: [1] };
        checkGate([length], a, b, { data: real(typeOut, length + 4, 3), offset: 2, strides: [1] });
      }
    }
  });

  test.each<[string, number[], number[], number[], number[]]>([
    ["one number for all", [4, 50], [0, 0], [50, 1], [50, 1]],
    ["a column for all columns", [6, 40], [1, 0], [40, 1], [40, 1]],
    ["a row for all rows", [6, 40], [0, 1], [40, 1], [40, 1]],
    ["transposed input", [30, 40], [1, 30], [40, 1], [40, 1]],
    ["transposed output", [30, 40], [40, 1], [40, 1], [1, 30]],
    ["every third element", [20, 10], [30, 3], [10, 1], [10, 1]],
    ["gaps between rows", [7, 33], [35, 1], [40, 1], [37, 1]],
    ["interleaved output", [5, 20], [20, 1], [20, 1], [40, 2]],
    ["four dims, mixed", [3, 4, 5, 6], [0, 30, 1, 5], [120, 30, 6, 1], [1, 3, 72, 12]],
    ["sizes of one", [1, 4, 1, 9], [7, 9, 3, 1], [0, 9, 0, 1], [500, 9, 1, 1]],
    ["a scalar", [], [], [], []],
  ])("%s", (_, shape, stridesA, stridesB, stridesOut) => {
    for (const type of types) {
      const length = (strides: number[]) =>
        2 + strides.reduce((sum, stride, d) => sum + stride * (shape[d]! - 1), 1);
      const operand = (strides: number[], seed: number): Operand => ({
        data: real(type, length(strides), seed),
        offset: 1,
        strides,
      });
      checkGate(shape, operand(stridesA, 1), operand(stridesB, 2), operand(stridesOut, 3));
    }
  });

  test("in place, and several outputs", () => {
    const [x, y] = [randomFloats(1000, 1), randomFloats(1000, 2)];
    const [sum, difference] = [x.map((v, i) => v + y[i]!), x.map((v, i) => v - y[i]!)];
    const operands = [x, y].map((data) => ({ data, offset: 0, strides: [1] }));
    elementwise({
      shape: [1000],
      inputs: operands,
      outputs: operands,
      code: Int32Array.of(
        ...[Opcode.LOAD, 0, 0, 0],
        ...[Opcode.LOAD, 1, 1, 0],
        ...[Opcode.ADD, 2, 0, 1],
        ...[Opcode.STORE, 0, 2, 0],
        ...[Opcode.SUB, 2, 0, 1],
        ...[Opcode.STORE, 1, 2, 0],
      ),
      constants: new Float32Array(0),
      roundHalf: false,
    });
    expect(digest(x, y)).toBe(digest(sum, difference));
  });

  test("even and odd elements of one array as two outputs", () => {
    const data = new Float32Array(40);
    const at = (offset: number) => ({ data, offset, strides: [20, 2] });
    elementwise({
      shape: [2, 10],
      inputs: [],
      outputs: [at(0), at(1)],
      code: Int32Array.of(
        ...[Opcode.CONST, 0, 0, 0],
        ...[Opcode.STORE, 0, 0, 0],
        ...[Opcode.NEG, 0, 0, 0],
        ...[Opcode.STORE, 1, 0, 0],
      ),
      constants: Float32Array.of(3),
      roundHalf: false,
    });
    expect([...data]).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 ? -3 : 3)));
  });
});

test("UNROUNDED keeps an instruction's precision in a program that rounds", () => {
  const run = (opcode: number) => {
    const out = new Float32Array(1);
    elementwise({
      shape: [1],
      inputs: [],
      outputs: [{ data: out, offset: 0, strides: [1] }],
      code: Int32Array.of(
        ...[Opcode.CONST, 0, 0, 0],
        ...[Opcode.CONST, 1, 1, 0],
        ...[opcode, 0, 0, 1],
        ...[Opcode.RSQRT, 0, 0, 0],
        ...[Opcode.STORE, 0, 0, 0],
      ),
      constants: Float32Array.of(2048, 0.75),
      roundHalf: true,
    });
    return out[0];
  };
  expect(run(Opcode.ADD | UNROUNDED)).toBe(roundToHalf(1 / Math.sqrt(2048.75)));
  expect(run(Opcode.ADD)).toBe(roundToHalf(1 / Math.sqrt(2048)));
});

test("does not depend on the number of threads", () => {
  const [rows, columns] = [700, 260];
  const runs = [1, 2, 3].map((threads) => {
    setThreads(threads);
    const out = new Uint16Array(rows * columns);
    elementwise({
      shape: [rows, columns],
      inputs: [
        { data: real("fp16", rows * columns, 1), offset: 0, strides: [columns, 1] },
        { data: real("fp32", rows, 2), offset: 0, strides: [1, 0] },
      ],
      outputs: [{ data: out, offset: 0, strides: [columns, 1] }],
      ...gate,
    });
    return digest(out);
  });
  setThreads(2);
  expect(new Set(runs).size).toBe(1);
});

describe("wrong arguments are errors before any work", () => {
  const data = new Float32Array(30).fill(9);
  const operand = (offset = 0): Operand => ({ data: new Float32Array(30), offset, strides: [1] });
  const valid: ElementwiseOptions = {
    shape: [10],
    inputs: [operand(), operand()],
    outputs: [{ data, offset: 0, strides: [1] }],
    ...gate,
  };
  const code = (...rows: number[][]) => ({ code: Int32Array.from(rows.flat()) });
  const { ADD, CONST, LOAD, SELECT, STORE } = Opcode;

  test.each<[string, Partial<ElementwiseOptions>, string]>([
    [
      "five dims",
      { shape: [1, 1, 1, 1, 1] },
      "elementwise.shape: must be a list of at most 4 dims",
    ],
    [
      "strides",
      { shape: [2, 5] },
      "elementwise.inputs[0].strides: must have 2, one for each dim, got [1].",
    ],
    [
      "short input",
      { inputs: [operand(), operand(25)] },
      "elementwise.inputs[1].data: must have at least 35 elements for shape [10], offset 25 and strides [1], got 30.",
    ],
    [
      "short output",
      { outputs: [{ data, offset: 21, strides: [1] }] },
      "elementwise.outputs[0].data: must have at least 31",
    ],
    [
      "repeated output",
      { outputs: [{ data, offset: 0, strides: [0] }] },
      "elementwise.outputs[0]: strides must lead to distinct elements",
    ],
    [
      "shifted in place",
      { inputs: [{ data, offset: 1, strides: [1] }, operand()] },
      "elementwise.outputs[0]: must be the same as inputs[0] or not overlap it",
    ],
    ["no code", { code: new Int32Array(0) }, "elementwise.code: must be rows of four integers"],
    ["opcode", code([99, 0, 0, 0]), "elementwise.code[0]: must have a known opcode, got 99."],
    [
      "input index",
      code([LOAD, 0, 2, 0]),
      "elementwise.code[0]: must name a input from 0 to 1, got 2.",
    ],
    [
      "constant index",
      code([CONST, 0, 1, 0]),
      "elementwise.code[0]: must name a constant from 0 to 0, got 1.",
    ],
    [
      "register",
      code([LOAD, 32, 0, 0]),
      "elementwise.code[0]: must name a register from 0 to 31, got 32.",
    ],
    [
      "unwritten register",
      code([LOAD, 0, 0, 0], [ADD, 1, 0, 5]),
      "elementwise.code[1]: must read registers that were written, got 5.",
    ],
    [
      "unwritten condition",
      code([LOAD, 0, 0, 0], [SELECT, 1, 0, 0]),
      "elementwise.code[1]: must read registers that were written, got 1.",
    ],
    ["nothing stored", code([LOAD, 0, 0, 0]), "elementwise.code: must store all 1 outputs, got 0."],
    [
      "stored twice",
      code([LOAD, 0, 0, 0], [STORE, 0, 0, 0], [STORE, 0, 0, 0]),
      "elementwise.code[2]: must store each output once, got 0.",
    ],
    [
      "input overwritten before it is read",
      {
        inputs: [{ data, offset: 0, strides: [1] }, operand()],
        ...code([LOAD, 0, 1, 0], [STORE, 0, 0, 0], [LOAD, 1, 0, 0]),
      },
      "elementwise.outputs[0]: must be stored after the last LOAD of inputs[0]",
    ],
  ])("%s", (_, change, message) => {
    const call = () => elementwise({ ...valid, ...change });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
    expect(data.every((element) => element === 9)).toBe(true);
  });
});
