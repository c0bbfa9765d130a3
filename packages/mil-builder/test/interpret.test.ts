import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  type BlobSource,
  buildProgram,
  FormatError,
  interpret,
  scalar,
  tensor,
  toHalfArray,
  writeBlobFile,
} from "../src/index.js";

const PAIR = tensor("fp16", [2]);

/** y = (x + 1) · 3, where both ops round in fp16. */
const program = buildProgram({}, (f) => {
  const sum = f.add({ x: f.input("x", PAIR), y: 1 }, "sum");
  return { y: f.mul({ x: sum, y: 3 }) };
});
const x = { type: PAIR, data: [2 ** -11 + 2 ** -20, 0.1] };

describe("numerics", () => {
  it("float64 rounds nothing", () => {
    const { y } = interpret(program, { x }, { numerics: "float64" });
    expect([...y!.data]).toEqual([(1 + 2 ** -11 + 2 ** -20) * 3, (1 + 0.1) * 3]);
  });

  it("fp32 rounds inputs and results to fp32, whatever dtype is declared", () => {
    const { y } = interpret(program, { x }, { numerics: "fp32" });
    const tenth = Math.fround(0.1);
    expect([...y!.data]).toEqual([
      Math.fround((1 + 2 ** -11 + 2 ** -20) * 3),
      Math.fround(Math.fround(tenth + 1) * 3),
    ]);
  });

  it("fp16 rounds inputs and results to the declared dtype, once per op", () => {
    const { y, sum } = interpret(program, { x }, { numerics: "fp16", keep: "all" });
    // The first input becomes 2^-11 + 2^-20 (a half); the sum is just above a tie.
    expect([...sum!.data]).toEqual([1 + 2 ** -10, 1.099609375]);
    expect([...y!.data]).toEqual([3 + 2 ** -9 + 2 ** -9, 3.298828125]);
  });

  it("fp16 keeps fp32 values in fp32", () => {
    const single = buildProgram({}, (f) => {
      const value = f.cast({ x: f.input("x", PAIR), dtype: "fp32" });
      return { y: f.add({ x: value, y: 2 ** -20 }) };
    });
    const { y } = interpret(single, { x: { type: PAIR, data: [1, 2] } }, { numerics: "fp16" });
    expect([...y!.data]).toEqual([1 + 2 ** -20, 2 + 2 ** -20]);
  });
});

describe("inputs", () => {
  it("may be plain numbers, floats or bits of halfs", () => {
    for (const data of [
      [1, 2],
      Float32Array.of(1, 2),
      Float64Array.of(1, 2),
      toHalfArray([1, 2]),
    ]) {
      const { y } = interpret(program, { x: { type: PAIR, data } }, { numerics: "fp16" });
      expect([...y!.data]).toEqual([6, 9]);
    }
  });

  it("are not changed", () => {
    const data = Float64Array.of(0.1, 0.2);
    interpret(program, { x: { type: PAIR, data } }, { numerics: "fp16" });
    expect([...data]).toEqual([0.1, 0.2]);
  });

  it("must all be there, with the right type and length", () => {
    const run = (inputs: Parameters<typeof interpret>[1]) => () =>
      interpret(program, inputs, { numerics: "fp16" });
    expect(run({})).toThrow(/input "x" is tensor<fp16, \[2\]>, got none/);
    expect(run({ x: { type: tensor("fp32", [2]), data: [1, 2] } })).toThrow(ArgumentError);
    expect(run({ x: { type: PAIR, data: [1] } })).toThrow(/2 elements, got 1/);
  });
});

describe("results", () => {
  it("are the outputs, or every value", () => {
    expect(Object.keys(interpret(program, { x }, { numerics: "fp16" }))).toEqual(["y"]);
    const all = interpret(program, { x }, { numerics: "fp16", keep: "all" });
    expect(Object.keys(all).sort()).toEqual(["fp16_1", "fp16_3", "sum", "x", "y"]);
    expect(all.y!.type).toEqual(PAIR);
  });

  it("come from the function asked for", () => {
    const [main] = program.functions;
    const two = { ...program, functions: [main!, { ...main!, name: "again" }] };
    const options = { numerics: "fp16", function: "again" } as const;
    expect(interpret(two, { x }, options)).toEqual(interpret(program, { x }, { numerics: "fp16" }));
    expect(() => interpret(program, { x }, options)).toThrow(/functions main, got "again"/);
  });

  it("need ops of the table", () => {
    const [main] = program.functions;
    const operations = [{ ...main!.operations[0]!, type: "frobnicate" }];
    const strange = { ...program, functions: [{ ...main!, operations }] };
    expect(() => interpret(strange, { x }, { numerics: "fp16" })).toThrow(/"frobnicate"/);
  });
});

describe("weights", () => {
  const path = "@model_path/weights/w.bin";

  function stored(source: BlobSource, count: number): readonly number[] {
    const reader = buildProgram({}, (f) => ({
      w: f.blob("w", tensor(source.dtype, [count]), path),
    }));
    const weights = new Map([[path, writeBlobFile([source])]]);
    return [...interpret(reader, {}, { weights, numerics: "float64" }).w!.data];
  }

  it.each<[BlobSource, readonly number[]]>([
    [{ dtype: "fp16", data: Uint16Array.of(0x3c00, 0xc000, 0x0001) }, [1, -2, 2 ** -24]],
    [{ dtype: "fp32", data: Float32Array.of(0.5, -1e30) }, [0.5, Math.fround(-1e30)]],
    [{ dtype: "bf16", data: Uint16Array.of(0x3f80, 0xc040, 0x0001) }, [1, -3, 2 ** -133]],
    [{ dtype: "bf16", data: Uint16Array.of(0x7f80, 0xff80, 0x7fc0) }, [Infinity, -Infinity, NaN]],
    [{ dtype: "fp8e4m3fn", data: Uint8Array.of(0x38, 0xfe, 0x01, 0x7f) }, [1, -448, 2 ** -9, NaN]],
    [
      { dtype: "fp8e5m2", data: Uint8Array.of(0x3c, 0x7b, 0x01, 0xfc) },
      [1, 57344, 2 ** -16, -Infinity],
    ],
    [{ dtype: "int8", data: Int8Array.of(-128, 127) }, [-128, 127]],
    [{ dtype: "uint16", data: Uint16Array.of(65535) }, [65535]],
    [{ dtype: "int32", data: Int32Array.of(-(2 ** 31)) }, [-(2 ** 31)]],
    [{ dtype: "uint32", data: Uint32Array.of(2 ** 32 - 1) }, [2 ** 32 - 1]],
    [{ dtype: "int4", data: Uint8Array.of(0x8f, 0x07), length: 3 }, [-1, -8, 7]],
    [{ dtype: "uint4", data: Uint8Array.of(0x8f) }, [15, 8]],
    [{ dtype: "uint1", data: Uint8Array.of(0b101), length: 3 }, [1, 0, 1]],
    [{ dtype: "uint3", data: Uint8Array.of(0b10_001_111, 0b0), length: 3 }, [7, 1, 2]],
    [{ dtype: "uint6", data: Uint8Array.of(0b01_111111, 0b1000), length: 2 }, [63, 33]],
  ])("decode %o", (source, values) => {
    expect(stored(source, values.length)).toEqual(values);
  });

  it("must be there, of the right dtype and length, and readable", () => {
    expect(() => stored({ dtype: "fp16", data: Uint16Array.of(1) }, 2)).toThrow(
      /got 1 elements of fp16/,
    );
    const reader = buildProgram({}, (f) => ({ w: f.blob("w", scalar("fp16"), path, 128) }));
    expect(() => interpret(reader, {}, { numerics: "fp16" })).toThrow(/"@model_path.*no such file/);
    const weights = new Map([[path, writeBlobFile([])]]);
    expect(() => interpret(reader, {}, { numerics: "fp16", weights })).toThrow(FormatError);
  });
});
