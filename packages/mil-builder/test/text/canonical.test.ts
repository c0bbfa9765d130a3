/**
 * Programs written by hand in the layout of Apple's compiler, one per construct of the language: reading and printing them
 * gives every byte back.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type MilFunction, type Operation, parse, print, UNKNOWN_DIM } from "../../src/index.js";

const directory = new URL("../golden/text/", import.meta.url);
const names = readdirSync(directory);

function read(name: string): string {
  return readFileSync(new URL(name, directory), "utf8");
}

function main(name: string): MilFunction {
  return parse(read(name)).functions[0]!;
}

/** The op whose first result has a name. */
function operation(name: string, result: string): Operation {
  return main(name).operations.find(({ outputs }) => outputs[0]?.name === result)!;
}

describe.each(names)("%s", (name) => {
  const text = read(name);
  const program = parse(text);

  it("is printed as it was", () => {
    expect(print(program)).toBe(text);
  });

  it("is the same program in the other dialect and layout", () => {
    const dialect = program.version === "1.0" ? "1.3" : "1.0";
    const translated = print(program, { dialect });
    expect(parse(translated)).toStrictEqual({ ...program, version: dialect });
    expect(print(parse(translated), { dialect: program.version })).toBe(text);
    expect(parse(print(program, { layout: "readable" }))).toStrictEqual(program);
  });

  it("may be cut off nowhere", () => {
    for (let length = 0; length < text.length; length += 7) {
      expect(() => parse(text.slice(0, length))).toThrow(
        expect.objectContaining({ name: "FormatError" }),
      );
    }
  });
});

describe("the IR of", () => {
  it("states and ops without results", () => {
    const { inputs, operations } = main("states.mil");
    const wrapped = { kind: "tensor", dtype: "fp16", shape: [1, 2, 6, 4] };
    expect(inputs[1]).toEqual({ name: "kv", type: { kind: "state", wrapped } });
    expect(operations[2]).toMatchObject({ type: "write_state", outputs: [] });
    expect(operations[2]!.inputs.input).toEqual({ kind: "value", value: inputs[1] });
  });

  it("several results", () => {
    expect(operation("several-results.mil", "top_0").outputs).toEqual([
      { name: "top_0", type: { kind: "tensor", dtype: "fp16", shape: [2, 2, 2] } },
      { name: "top_1", type: { kind: "tensor", dtype: "uint16", shape: [2, 2, 2] } },
    ]);
  });

  it("constexpr ops in both forms", () => {
    const { inputs, attributes } = operation("constexpr-ios16.mil", "w_affine");
    expect(inputs).toEqual({});
    expect(attributes).toMatchObject({ quantized_data: { kind: "blob", offset: 64 } });
    expect(operation("constexpr-ios18.mil", "w_lut")).toMatchObject({
      inputs: { indices: { kind: "blob" }, lut: { kind: "value", value: { name: "lut" } } },
      attributes: { name: { elements: ["w_lut"] } },
    });
  });

  it("flexible shapes", () => {
    const { inputs, attributes } = main("flexible-shapes.mil");
    expect(inputs[1]!.type).toEqual({
      kind: "tensor",
      dtype: "int32",
      shape: [UNKNOWN_DIM, UNKNOWN_DIM],
    });
    const information = attributes!.FlexibleShapeInformation!;
    expect(information).toMatchObject({
      kind: "sequence",
      items: [
        {
          items: [
            { elements: ["DefaultShapes"] },
            {
              entries: [[{ elements: ["indices"] }, { elements: Int32Array.of(2, 4), shape: [2] }]],
            },
          ],
        },
        {
          items: [
            { elements: ["RangeDims"] },
            {
              entries: [
                [
                  { elements: ["indices"] },
                  {
                    items: [{ elements: Int32Array.of(0, 2) }, { elements: Int32Array.of(0, -1) }],
                  },
                ],
              ],
            },
          ],
        },
      ],
    });
  });

  it("several functions", () => {
    const { functions } = parse(read("functions.mil"));
    expect(functions.map(({ name }) => name)).toEqual(["prefill", "decode", "nothing"]);
  });

  it("opsets of single ops, attributes of the program, and buffers", () => {
    const program = parse(read("private.mil"));
    expect(program.attributes).toHaveProperty("Origin.kind", "sequence");
    expect(program.functions[0]!.operations[0]).toHaveProperty("opset", "ios17");
    expect(program.functions[0]!.inputs[1]!.type).toEqual({
      kind: "tensor_buffer",
      dtype: "fp16",
      shape: [1, 8],
      strides: [32, 1],
      interleaveFactors: [1, 1],
    });
  });
});
