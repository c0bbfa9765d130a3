import { describe, expect, it } from "vitest";
import { buildProgram, FormatError, parse, tensor, UNKNOWN_DIM } from "../../src/index.js";
import { failure, source } from "./source.js";

describe("parse accepts", () => {
  const expected = buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp16", [2, 3]));
    const half = f.constant("h", { kind: "tensor", dtype: "fp16", shape: [] }, 0.1);
    return { y: f.mul({ x, y: half }) };
  }).functions;

  it.each([
    [
      "compact layout",
      'fp16 h=const()[name=string("h"),val=fp16(0.1)];tensor<fp16,[2,3]>y=mul(x=x,y=h)[name=string("y")];',
    ],
    [
      "any white space and order of arguments",
      'fp16 h\n=\tconst ( )\r\n[ val = fp16 ( 1e-1 ) , name = string ( "h" ) ] ;' +
        'tensor < fp16 , [ 2 , 3 ] > y = mul ( y = h , x = x ) [ name = string ( "y" ) ] ;',
    ],
    [
      "both spellings of scalars",
      'tensor<fp16, []> h = const()[name = tensor<string, []>("h"), val = fp16(0x1.998p-4)];' +
        'tensor<fp16, [2, 3]> y = mul(x = x, y = h)[name = string("y")];',
    ],
  ])("%s", (_, body) => {
    expect(parse(source(body)).functions).toStrictEqual(expected);
  });

  it("a missing or empty list of program attributes", () => {
    const body = "tensor<fp16, [2, 3]> y = relu(x = x);";
    for (const header of [
      "program(1.0)",
      "program(1.0)[]",
      "program(1.0)[buildInfo = dict<string, string>({})]",
    ]) {
      expect(parse(source(body, { header }))).toMatchObject({ version: "1.0", buildInfo: {} });
    }
  });

  it("integers for floats, signs, infinities and blobs", () => {
    const body = `
      tensor<fp16, [5]> a = const()[val = tensor<fp16, [5]>([-1, +2, inf, -inf, nan])];
      tensor<fp16, [2, 3]> b = const()[val = tensor<fp16, [2, 3]>(BLOBFILE(offset = uint64(128), path = string("w.bin")))];
      tensor<fp16, [2, 3]> y = add(x = x, y = b);`;
    const [a, b] = parse(source(body)).functions[0]!.operations;
    expect(a!.attributes).toEqual({
      val: {
        kind: "literal",
        type: tensor("fp16", [5]),
        elements: Float64Array.of(-1, 2, Infinity, -Infinity, NaN),
      },
    });
    expect(b!.attributes).toEqual({
      val: { kind: "blob", type: tensor("fp16", [2, 3]), path: "w.bin", offset: 128 },
    });
  });

  it("inline constants as arguments, and functions that return several values", () => {
    const body = `
      tensor<fp16, [2, 1]> s = reduce_sum(axes = tensor<int32, [1]>([-1]), keep_dims = bool(true), x = x);
      tensor<fp16, [2, 3]> y = mul(x = x, y = s);`;
    const main = parse(source(body, { outputs: "y, s, y" })).functions[0]!;
    expect(main.outputs.map(({ name }) => name)).toEqual(["y", "s", "y"]);
    expect(main.operations[0]!.inputs.axes).toMatchObject({ elements: Int32Array.of(-1) });
  });

  it("several results of an op", () => {
    const body = `tensor<fp16, [2, 1]> y, tensor<fp16, [2, 2]> z =
      split(x = x, axis = int32(1), split_sizes = tensor<int32, [2]>([1, 2]));`;
    const [split] = parse(source(body)).functions[0]!.operations;
    expect(split!.outputs.map(({ name }) => name)).toEqual(["y", "z"]);
  });

  it("comments and both kinds of line ends", () => {
    const body = 'tensor<fp16, [2, 3]> // type\r\n y = relu(// none\nx = x); // ; } " end';
    expect(parse(source(body)).functions[0]!.operations).toHaveLength(1);
  });

  it("ops that are in no table, with the types that they declare", () => {
    const body = "tensor<fp16, [7]> y = frobnicate(values = x)[level = int32(3)]; vanish(x = y);";
    expect(parse(source(body)).functions[0]!.operations).toMatchObject([
      { type: "frobnicate", inputs: { values: { kind: "value" } }, outputs: [{ name: "y" }] },
      { type: "vanish", outputs: [] },
    ]);
    expect(() => parse(source(body), { unknownOps: "refuse" })).toThrow(
      expect.objectContaining({ code: "ERR_MIL_UNSUPPORTED", line: 2, column: 23 }),
    );
  });

  it("types on trust, if asked to", () => {
    const body = "tensor<fp16, [7]> y = relu(x = x, z = x);";
    const [relu] = parse(source(body), { types: "trust" }).functions[0]!.operations;
    expect(relu!.outputs[0]!.type).toEqual(tensor("fp16", [7]));
    expect(() => parse(source(body))).toThrow(FormatError);
  });

  it("unknown dims where it infers known ones, and the reverse", () => {
    const body = `
      tensor<fp16, [?, 3]> a = relu(x = x);
      tensor<fp16, [2, 3]> y = relu(x = a);`;
    const main = parse(source(body)).functions[0]!;
    expect(main.operations[0]!.outputs[0]!.type).toEqual(tensor("fp16", [UNKNOWN_DIM, 3]));
  });

  it("names that are words of the language", () => {
    const body = `
      tensor<fp16, [2, 3]> fp16 = relu(x = x);
      tensor<fp16, [2, 3]> tensor = add(x = fp16, y = fp16);
      tensor<fp16, [2, 3]> y = add(x = tensor, y = fp16(1));`;
    expect(parse(source(body)).functions[0]!.operations).toHaveLength(3);
  });

  it("constexpr parameters in both places", () => {
    const parameters = "axis = int32(0), scale = fp16(1), zero_point = int8(0)";
    const data = "quantized_data = tensor<int8, [2, 3]>([[1, 2, 3], [4, 5, 6]])";
    const type = "tensor<fp16, [2, 3]> y = constexpr_affine_dequantize";
    const inside = parse(source(`${type}(${data}, ${parameters});`)).functions[0]!;
    const outside = parse(source(`${type}()[${data}, ${parameters}];`)).functions[0]!;
    expect(inside.operations[0]!.inputs).toEqual(outside.operations[0]!.attributes);
    const twice = failure(source(`${type}(${data})[${data}, ${parameters}];`));
    expect(twice.code).toBe("ERR_MIL_DUPLICATE");
  });

  it("large literals", () => {
    const count = 300_000;
    const list = new Array(count).fill("0x1.8p-3").join(",");
    const body = `tensor<fp16,[${count}]> y = const()[val=tensor<fp16,[${count}]>([${list}])];`;
    const { val } = parse(source(body)).functions[0]!.operations[0]!.attributes;
    expect(val).toMatchObject({ elements: new Float64Array(count).fill(0.1875) });
  });
});
