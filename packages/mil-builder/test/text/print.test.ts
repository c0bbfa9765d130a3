import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildProgram,
  type Constant,
  FormatError,
  type Operation,
  type Program,
  parse,
  print,
  scalar,
  tensor,
  UNKNOWN_DIM,
} from "../../src/index.js";
import { randomProgram } from "../random-program.js";

/** An attention head and an MLP: what kernels are made of. */
function block(): Program {
  return buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp16", [1, 64, 1, 32]));
    const weight = (name: string, out: number, inputs: number) =>
      f.blob(name, tensor("fp16", [out, inputs, 1, 1]), `@model_path/weights/${name}.bin`);
    const heads = (name: string) =>
      f.reshape({ x: f.conv({ x, weight: weight(name, 64, 64) }), shape: [1, 4, 16, 32] });
    const scores = f.matmul({ x: heads("wq"), y: heads("wk"), transpose_x: true }, "scores");
    const probabilities = f.softmax({ x: f.mul({ x: scores, y: 0.25 }), axis: -1 }, "probs");
    const mixed = f.matmul({ x: heads("wv"), y: probabilities, transpose_y: true }, "mixed");
    const a = f.add({ x, y: f.reshape({ x: mixed, shape: [1, 64, 1, 32] }) }, "residual");
    const [h1, h3] = f.split({
      x: f.conv({ x: a, weight: weight("w13", 256, 64) }),
      num_splits: 2,
      axis: 1,
    });
    const gate = f.mul({ x: f.silu({ x: h1! }), y: h3! }, "gate");
    return {
      y: f.add({ x: a, y: f.conv({ x: gate, weight: weight("w2", 64, 128) }) }),
      probs: probabilities,
    };
  });
}

/** Every kind of literal. */
function literals(): Program {
  return buildProgram({ opset: "ios17" }, (f) => {
    f.constant("half", tensor("fp16", [2, 3]), [0.1, -0, 2 ** -24, 65504, -1.5, 1e-5]);
    f.constant("single", tensor("fp32", [5]), [0.1, 2 ** -149, Infinity, -Infinity, Number.NaN]);
    f.constant("double", scalar("fp64"), 0.1);
    f.constant("brain", scalar("bf16"), 1 / 3);
    f.constant("byte", tensor("int8", [1, 2]), [-128, 127]);
    f.constant("wide", tensor("uint64", [2]), [0n, 2n ** 64n - 1n]);
    f.constant("flags", tensor("bool", [2]), [true, false]);
    f.constant("words", tensor("string", [2]), ["a b", ""]);
    return { y: f.concat({ values: [f.input("x", tensor("fp32", [1]))], axis: 0 }) };
  });
}

describe("print", () => {
  it.each([
    ["block.mil", print(block())],
    ["block-1.0.mil", print(block(), { dialect: "1.0" })],
    ["literals.mil", print(literals())],
    ["literals-1.0.mil", print(literals(), { dialect: "1.0" })],
  ])("golden %s", async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../golden/${name}`);
    expect(parse(text)).toStrictEqual({
      ...(name.startsWith("block") ? block() : literals()),
      version: name.includes("1.0") ? "1.0" : "1.3",
    });
  });

  it("writes a tuple of one without parentheses, and reads it back as a tuple", () => {
    const text = print(literals());
    expect(text).toContain("values = x)");
    expect(parse(text).functions[0]!.operations.at(-1)!.inputs.values).toMatchObject({
      kind: "tuple",
      items: [{ kind: "value" }],
    });
  });

  it("writes inline arguments, ops without attributes and several functions", () => {
    const x = { name: "x", type: tensor("fp16", [2]) };
    const y = { name: "y", type: tensor("fp32", [2]) };
    const dtype: Constant = { kind: "literal", type: scalar("string"), elements: ["fp32"] };
    const operation = {
      type: "cast",
      inputs: { x: { kind: "value", value: x }, dtype },
      attributes: {},
      outputs: [y],
    } as const;
    const main = {
      name: "main",
      opset: "ios18",
      inputs: [x],
      operations: [operation],
      outputs: [y],
    } as const;
    const program: Program = {
      version: "1.3",
      buildInfo: {},
      functions: [main, { ...main, name: "again" }],
    };
    expect(print(program)).toBe(`program(1.3)
[buildInfo = dict<string, string>({})]
{
    func main<ios18>(tensor<fp16, [2]> x) {
            tensor<fp32, [2]> y = cast(dtype = string("fp32"), x = x);
        } -> (y);
    func again<ios18>(tensor<fp16, [2]> x) {
            tensor<fp32, [2]> y = cast(dtype = string("fp32"), x = x);
        } -> (y);
}`);
    expect(parse(print(program))).toStrictEqual(program);
  });

  it("refuses strings that the language cannot hold", () => {
    for (const text of ['a"b', "a\\b", "a\nb"]) {
      const program = { ...block(), buildInfo: { key: text } };
      expect(() => print(program)).toThrow(FormatError);
    }
  });

  it("refuses what has no text form", () => {
    const program = block();
    const [main] = program.functions;
    const [first, ...rest] = main!.operations;
    const withFirst = (changes: Partial<Operation>): Program => ({
      ...program,
      functions: [{ ...main!, operations: [{ ...first!, ...changes }, ...rest] }],
    });
    const nested = { inputs: [], operations: [], outputs: [] };
    expect(() => print(withFirst({ blocks: [nested] }))).toThrow(/nested blocks/);
    expect(() => print(withFirst({ type: "two words" }))).toThrow(/names are identifiers/);
    expect(() => print(withFirst({ inputs: { "a-b": first!.attributes.val! } }))).toThrow(
      /names are identifiers/,
    );
    expect(() => print(withFirst({ inputs: { x: { kind: "tuple", items: [] } } }))).toThrow(
      /empty tuple/,
    );
    const open: Constant = {
      kind: "literal",
      type: tensor("fp16", [UNKNOWN_DIM]),
      elements: Float64Array.of(1),
    };
    expect(() => print(withFirst({ attributes: { val: open } }))).toThrow(/shape of its own/);
  });

  it("writes floats in decimal, if asked to, and hexadecimal otherwise", () => {
    const program = literals();
    const text = print(program, { layout: "readable" });
    expect(text).toContain(
      "val = tensor<fp16, [2, 3]>([[0.1, -0, 6e-8], [65500, -1.5, 0.00001]])]",
    );
    expect(parse(text)).toStrictEqual(program);
    expect(print(program, { layout: "canonical" })).toBe(print(program));
  });

  it("is inverted by parse on random programs, in both dialects", () => {
    const sample = fc.sample(randomProgram, { numRuns: 200, seed: 1 });
    const types = sample.flatMap(({ functions }) =>
      functions[0]!.operations.map(({ type }) => type),
    );
    expect(new Set(types).size).toBeGreaterThan(45);
    fc.assert(
      fc.property(randomProgram, fc.constantFrom("1.0", "1.3"), (program, dialect) => {
        const text = print(program, { dialect });
        const parsed = parse(text);
        expect(parsed).toStrictEqual({ ...program, version: dialect });
        expect(print(parsed)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
