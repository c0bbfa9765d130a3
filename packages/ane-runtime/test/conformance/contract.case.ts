/** What every device promises about surfaces, bindings, weights and lifetimes. */
import {
  buildProgram,
  halfFromFloat,
  print,
  tensor,
  toHalfArray,
  writeBlobFile,
} from "@ane/mil-builder";
import { describe, expect } from "vitest";
import { CompileError, DisposedError, EvaluationError, ShapeError } from "../../src/index.js";
import { normalHalves } from "../../src/selftest/numbers.js";
import { contents, evaluate, fill, surfacesFor } from "../support/run.js";
import { caseOf, type Subject, surfaceType } from "./subject.js";

const DOUBLE = buildProgram({}, (f) => {
  const x = f.input("x", surfaceType("fp16", 3, 20));
  return { out: f.mul({ x, y: 2 }) };
});

const WEIGHTED = buildProgram({}, (f) => {
  const x = f.input("x", surfaceType("fp16", 4, 32));
  const weight = f.blob("w", tensor("fp16", [2, 4, 1, 1]), "@model_path/weights/w.bin");
  return { out: f.conv({ x, weight }, "product") };
});

function weightFile(dtype: "fp16" | "fp32", count: number): Map<string, Uint8Array> {
  const values = normalHalves(count, 1);
  const data = dtype === "fp16" ? toHalfArray(values) : values;
  return new Map([["@model_path/weights/w.bin", writeBlobFile([{ dtype, data }])]]);
}

export function contractCases(subject: Subject): void {
  describe(`${subject.name}: contract`, () => {
    surfaceCases(subject);
    bindingCases(subject);
    weightCases(subject);
    programCases(subject);
    lifetimeCases(subject);
  });
}

function surfaceCases(subject: Subject): void {
  caseOf(subject, "rows of a surface start on 64-byte boundaries and are zero at first", () => {
    using device = subject.open();
    for (const [dtype, width, rowStride] of [
      ["fp16", 32, 32],
      ["fp16", 33, 64],
      ["fp16", 1, 32],
      ["fp32", 16, 16],
      ["fp32", 17, 32],
    ] as const) {
      using surface = device.createSurface({ dtype, shape: [1, 5, 1, width] });
      expect(surface.rowStride).toBe(rowStride);
      expect(surface.byteLength).toBe(5 * rowStride * (dtype === "fp16" ? 2 : 4));
      surface.read((elements) => {
        expect(elements.every((element) => element === 0)).toBe(true);
      });
    }
  });
  caseOf(subject, "a surface refuses a shape that no tensor has", () => {
    using device = subject.open();
    expect(() => device.createSurface({ dtype: "fp16", shape: [1, 0, 1, 32] })).toThrow(ShapeError);
  });
  caseOf(subject, "widths that do not fill a row leave the rest of it alone", () => {
    using device = subject.open();
    using kernel = device.compile(DOUBLE);
    const surfaces = surfacesFor(device, kernel);
    surfaces.out!.write((elements) => elements.fill(halfFromFloat(7)));
    surfaces.x!.write((elements) => elements.fill(halfFromFloat(5)));
    const values = normalHalves(60, 2);
    fill(surfaces.x!, values);
    kernel.evaluate(surfaces);
    expect([...contents(surfaces.out!)]).toEqual([...values].map((value) => value * 2));
    surfaces.out!.read((elements) => {
      expect([...elements.subarray(20, 32)]).toEqual(new Array(12).fill(halfFromFloat(7)));
    });
  });
  caseOf(subject, "a surface gives back what the callback returns", () => {
    using device = subject.open();
    using surface = device.createSurface({ dtype: "fp32", shape: [1, 1, 1, 16] });
    surface.write((elements) => {
      elements[3] = 1.5;
    });
    expect(surface.read((elements) => elements[3])).toBe(1.5);
  });
}

function bindingCases(subject: Subject): void {
  caseOf(subject, "bindings are checked before anything runs", () => {
    using device = subject.open();
    using kernel = device.compile(DOUBLE, undefined, { name: "double" });
    const { x, out } = surfacesFor(device, kernel) as { x: never; out: never };
    const other = device.createSurface({ dtype: "fp16", shape: [1, 3, 1, 32] });
    const wide = device.createSurface({ dtype: "fp32", shape: [1, 3, 1, 20] });
    const run = (bindings: Parameters<typeof kernel.evaluate>[0]) => () =>
      kernel.evaluate(bindings);
    expect(run({ x })).toThrow(/double: port "out": must be bound .* got none/);
    expect(run({ x })).toThrow(EvaluationError);
    expect(run({ x, out, y: other })).toThrow(/must be a port, got "y"/);
    expect(run({ x: other, out })).toThrow(ShapeError);
    expect(run({ x: other, out })).toThrow(
      /port "x": expected .*\[1, 3, 1, 20\], got .*\[1, 3, 1, 32\]/,
    );
    expect(run({ x: wide, out })).toThrow(/got a? ?.*fp32 \[1, 3, 1, 20\]/);
    expect(run({ x, out: x })).toThrow(/port "out": .* got the surface of port "x"/);
  });
  caseOf(subject, "one surface may serve several kernels, and several inputs of one", () => {
    using device = subject.open();
    const program = buildProgram({}, (f) => {
      const x = f.input("x", surfaceType("fp16", 3, 20));
      const y = f.input("y", surfaceType("fp16", 3, 20));
      return { out: f.add({ x, y }) };
    });
    using twice = device.compile(DOUBLE);
    using sum = device.compile(program);
    const { x, out } = surfacesFor(device, twice);
    const total = device.createSurface(sum.outputs[0]!);
    const values = normalHalves(60, 3);
    fill(x!, values);
    twice.evaluate({ x: x!, out: out! });
    sum.evaluate({ x: out!, y: out!, out: total });
    expect([...contents(total)]).toEqual([...values].map((value) => value * 4));
  });
}

function weightCases(subject: Subject): void {
  const compile = (weights: ReadonlyMap<string, Uint8Array>) => () => {
    using device = subject.open();
    device.compile(WEIGHTED, weights, { name: "weighted" });
  };
  caseOf(subject, "a missing weight file is named", () => {
    expect(compile(new Map())).toThrow(CompileError);
    expect(compile(new Map())).toThrow(
      /weighted: .*"@model_path\/weights\/w.bin" at offset 64.* got none/,
    );
  });
  caseOf(subject, "a weight of another dtype or size is refused", () => {
    expect(compile(weightFile("fp32", 8))).toThrow(
      /expected fp16 \[2, 4, 1, 1\] \(16 bytes\), got 8 elements of fp32/,
    );
    expect(compile(weightFile("fp16", 9))).toThrow(/got 9 elements of fp16/);
  });
  caseOf(subject, "a damaged weight file is refused", () => {
    const [path, file] = [...weightFile("fp16", 8)][0]!;
    file[64] = 0;
    expect(compile(new Map([[path, file]]))).toThrow(/offset 64: .*0xdeadbeef/);
  });
  caseOf(subject, "kernels of one program have their own weights", () => {
    using device = subject.open();
    const inputs = { x: normalHalves(128, 5) };
    const run = (seed: number) => {
      const data = toHalfArray(normalHalves(8, seed));
      const file = writeBlobFile([{ dtype: "fp16", data }]);
      return device.compile(WEIGHTED, new Map([["@model_path/weights/w.bin", file]]));
    };
    const [first, second] = [run(1), run(2)];
    const results = [first, second, first].map((kernel) => evaluate(device, kernel, inputs).out);
    expect(results[0]).not.toEqual(results[1]);
    expect(results[2]).toEqual(results[0]);
  });
}

function programCases(subject: Subject): void {
  caseOf(subject, "a program and its text are the same kernel", () => {
    using device = subject.open();
    const inputs = { x: normalHalves(60, 6) };
    const [fromText, fromProgram] = [device.compile(print(DOUBLE)), device.compile(DOUBLE)];
    expect(evaluate(device, fromText, inputs)).toEqual(evaluate(device, fromProgram, inputs));
  });
  caseOf(subject, "ports are those of the function", () => {
    using device = subject.open();
    using kernel = device.compile(DOUBLE);
    expect(kernel.inputs).toEqual([{ name: "x", dtype: "fp16", shape: [1, 3, 1, 20] }]);
    expect(kernel.outputs).toEqual([{ name: "out", dtype: "fp16", shape: [1, 3, 1, 20] }]);
  });
  caseOf(subject, "text that is no program is refused with its position", () => {
    using device = subject.open();
    expect(() => device.compile("program(1.3)\n{ nonsense }", undefined, { name: "bad" })).toThrow(
      CompileError,
    );
    expect(() => device.compile("program(1.3)\n{ nonsense }", undefined, { name: "bad" })).toThrow(
      /^bad: /,
    );
  });
  caseOf(subject, "an op that nobody knows is named", () => {
    using device = subject.open();
    const [main] = DOUBLE.functions;
    const operations = main!.operations.map((operation) =>
      operation.type === "mul" ? { ...operation, type: "warp" } : operation,
    );
    const program = { ...DOUBLE, functions: [{ ...main!, operations }] };
    expect(() => device.compile(program)).toThrow(/warp "out".*Supported are/);
  });
  caseOf(subject, "an unknown op in a text is named too", () => {
    using device = subject.open();
    expect(() => device.compile(print(DOUBLE).replace("mul(", "warp("))).toThrow(
      /warp.*Supported are/,
    );
  });
  caseOf(subject, "a declared type that is not the op's is refused", () => {
    using device = subject.open();
    const [main] = DOUBLE.functions;
    const operations = main!.operations.map((operation) =>
      operation.type === "mul"
        ? { ...operation, outputs: [{ name: "out", type: tensor("fp16", [1, 3, 1, 21]) }] }
        : operation,
    );
    const program = { ...DOUBLE, functions: [{ ...main!, operations }] };
    expect(() => device.compile(program)).toThrow(CompileError);
  });
  caseOf(subject, "an input that no surface can hold is refused", () => {
    using device = subject.open();
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [4, 32]));
      return { out: f.reshape({ x, shape: [1, 4, 1, 32] }) };
    });
    expect(() => device.compile(program)).toThrow(
      /"x": inputs and outputs must be .* got fp16 \[4, 32\]/,
    );
  });
}

function lifetimeCases(subject: Subject): void {
  caseOf(subject, "nothing works after dispose, and dispose may be called again", () => {
    const device = subject.open();
    const kernel = device.compile(DOUBLE);
    const surfaces = surfacesFor(device, kernel);
    surfaces.x!.dispose();
    surfaces.x!.dispose();
    expect(() => surfaces.x!.read(() => 0)).toThrow(DisposedError);
    expect(() => surfaces.x!.write(() => 0)).toThrow(DisposedError);
    expect(() => kernel.evaluate(surfaces)).toThrow(DisposedError);
    const fresh = { ...surfaces, x: device.createSurface(kernel.inputs[0]!) };
    kernel.evaluate(fresh);
    kernel.dispose();
    kernel.dispose();
    expect(() => kernel.evaluate(fresh)).toThrow(DisposedError);
    const last = device.compile(DOUBLE);
    device.dispose();
    device.dispose();
    expect(() => device.compile(DOUBLE)).toThrow(DisposedError);
    expect(() => device.createSurface(kernel.inputs[0]!)).toThrow(DisposedError);
    expect(() => last.evaluate(fresh)).toThrow(DisposedError);
  });
  caseOf(subject, "asynchronous twins do and throw the same, one after another", async () => {
    using device = subject.open();
    const kernel = await device.compileAsync(DOUBLE);
    const surfaces = surfacesFor(device, kernel);
    const back = { x: surfaces.out!, out: surfaces.x! };
    fill(surfaces.x!, normalHalves(60, 7));
    const before = contents(surfaces.x!);
    const runs = [
      kernel.evaluateAsync(surfaces),
      kernel.evaluateAsync(back),
      kernel.evaluateAsync(surfaces),
    ];
    await Promise.all(runs);
    expect([...contents(surfaces.out!)]).toEqual([...before].map((value) => value * 8));
    await expect(kernel.evaluateAsync({})).rejects.toThrow(EvaluationError);
    await expect(device.compileAsync("no program")).rejects.toThrow(CompileError);
    await kernel.evaluateAsync(surfaces);
  });
}
