import { describe, expect, it } from "vitest";
import { buildProgram, FormatError, parse, tensor, UNKNOWN_DIM } from "../../src/index.js";

/** A program of one function with these statements; they begin on line 2. */
function source(
  body: string,
  { header = "program(1.3)", outputs = "y", opset = "ios18" } = {},
): string {
  return `${header} { func main<${opset}>(tensor<fp16, [2, 3]> x) {\n${body}\n} -> (${outputs}); }`;
}

function failure(text: string): FormatError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("parsed without an error");
}

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

describe("parse refuses", () => {
  const relu = "tensor<fp16, [2, 3]> y = relu(x = x);";

  it.each<[string, string, string, number, number, RegExp]>([
    ["an empty text", "", "ERR_MIL_SYNTAX", 1, 1, /expected "program", got end of text/],
    ["another language", "module {}", "ERR_MIL_SYNTAX", 1, 1, /expected "program", got "module"/],
    ["a newer dialect", "program(2.0) {}", "ERR_MIL_UNSUPPORTED", 1, 9, /1\.0 or 1\.3, got 2\.0/],
    ["text after the program", "program(1.3) {} x", "ERR_MIL_SYNTAX", 1, 17, /end of the text/],
    [
      "a buildInfo of numbers",
      "program(1.3)[buildInfo = dict<int32, string>({})] {}",
      "ERR_MIL_TYPE",
      1,
      26,
      /dict of strings, got dict<int32, string>/,
    ],
    [
      "a buildInfo with a key twice",
      'program(1.3)[buildInfo = dict<string, string>({{"a", "1"}, {"a", "2"}})] {}',
      "ERR_MIL_DUPLICATE",
      1,
      26,
      /"a" again/,
    ],
    [
      "a missing semicolon",
      source("tensor<fp16, [2, 3]> y = relu(x = x)"),
      "ERR_MIL_SYNTAX",
      3,
      1,
      /";"/,
    ],
    ["an unknown character", source("#"), "ERR_MIL_SYNTAX", 2, 1, /got #/],
    [
      "an open string",
      source('string y = const()[val = string("a'),
      "ERR_MIL_SYNTAX",
      2,
      33,
      /string ends/,
    ],
    [
      "an escape",
      source('string y = const()[val = string("\\n")];'),
      "ERR_MIL_SYNTAX",
      2,
      33,
      /escapes/,
    ],
    [
      "an op with nested blocks",
      source("fp16 y = cond(pred = x);"),
      "ERR_MIL_UNSUPPORTED",
      2,
      10,
      /no known text form, got "cond"/,
    ],
    [
      "a nested block",
      source("fp16 y = frobnicate(x = x) { };"),
      "ERR_MIL_UNSUPPORTED",
      2,
      28,
      /no known text form, got a block/,
    ],
    [
      "results in brackets",
      source("(fp16 y, fp16 z) = split(x = x);"),
      "ERR_MIL_SYNTAX",
      2,
      1,
      /expected an op or a type, got "\("/,
    ],
    [
      "one name for two results",
      source("fp16 y, fp16 y = split(x = x);"),
      "ERR_MIL_DUPLICATE",
      2,
      14,
      /"y" again/,
    ],
    [
      "a use of the result itself",
      source("tensor<fp16, [2, 3]> y = relu(x = y);"),
      "ERR_MIL_UNDEFINED",
      2,
      35,
      /"y"/,
    ],
    [
      "ops that use each other",
      source("tensor<fp16, [2, 3]> a = relu(x = b); tensor<fp16, [2, 3]> b = relu(x = a);"),
      "ERR_MIL_UNDEFINED",
      2,
      35,
      /"b"/,
    ],
    [
      "an unknown dtype",
      source("tensor<fp17, [1]> y = relu(x = x);"),
      "ERR_MIL_SYNTAX",
      2,
      8,
      /"fp17"/,
    ],
    ["an unknown opset", source(relu, { opset: "ios99" }), "ERR_MIL_UNSUPPORTED", 1, 26, /ios99/],
    ["a use before definition", source("fp16 y = relu(x = z);"), "ERR_MIL_UNDEFINED", 2, 19, /"z"/],
    ["an undefined output", source(relu, { outputs: "z" }), "ERR_MIL_UNDEFINED", 3, 7, /"z"/],
    ["a name twice", source(`${relu} ${relu}`), "ERR_MIL_DUPLICATE", 2, 60, /"y" again/],
    [
      "an input's name",
      source("tensor<fp16, [2, 3]> x = relu(x = x);"),
      "ERR_MIL_DUPLICATE",
      2,
      22,
      /"x"/,
    ],
    [
      "an argument twice",
      source("fp16 y = relu(x = x, x = x);"),
      "ERR_MIL_DUPLICATE",
      2,
      22,
      /"x"/,
    ],
    [
      "a wrong type",
      source("tensor<fp16, [3, 2]> y = relu(x = x);"),
      "ERR_MIL_TYPE",
      2,
      22,
      /got tensor<fp16, \[3, 2\]>/,
    ],
    [
      "a broken rule",
      source("fp16 y = matmul(x = x, y = x);"),
      "ERR_MIL_TYPE",
      2,
      10,
      /matmul "y": columns/,
    ],
    ["too few results", source("relu(x = x);"), "ERR_MIL_TYPE", 2, 1, /1 results here, got 0/],
    ["a missing argument", source("fp16 y = relu();"), "ERR_MIL_TYPE", 2, 10, /"x" is required/],
    [
      "an unknown argument",
      source("fp16 y = relu(x = x, constructor = x);"),
      "ERR_MIL_TYPE",
      2,
      10,
      /constructor/,
    ],
    [
      "an op of a newer opset's dtype",
      source(cast("uint8"), { opset: "ios16" }),
      "ERR_MIL_TYPE",
      2,
      27,
      /ios16/,
    ],
    [
      "an op's own opset that lacks what it uses",
      source(cast("uint8").replace("cast", "cast<ios16>")),
      "ERR_MIL_TYPE",
      2,
      27,
      /ios16/,
    ],
    [
      "parameters in []",
      source("fp16 y = relu()[x = fp16(1)];"),
      "ERR_MIL_SYNTAX",
      2,
      10,
      /in \(\)/,
    ],
    [
      "const's value in ()",
      source("fp16 y = const(val = fp16(1));"),
      "ERR_MIL_SYNTAX",
      2,
      10,
      /in \[\]/,
    ],
    [
      "a name that is no string",
      source("fp16 y = const()[name = fp16(1), val = fp16(1)];"),
      "ERR_MIL_TYPE",
      2,
      10,
      /string/,
    ],
    [
      "a literal of another shape",
      source(literal("fp16", "[2]", "[1]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /2 entries, got 1/,
    ],
    [
      "a ragged literal",
      source(literal("fp16", "[2, 2]", "[[1, 2], [3]]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /2 entries/,
    ],
    [
      "an integer out of range",
      source(literal("int8", "[1]", "[128]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /-128\.\.127/,
    ],
    [
      "a fraction for an integer",
      source(literal("int32", "[1]", "[1.5]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /integer, got 1\.5/,
    ],
    [
      "a number for a boolean",
      source(literal("bool", "[1]", "[1]")),
      "ERR_MIL_SYNTAX",
      2,
      1,
      /true or false/,
    ],
    [
      "half a hex number",
      source(literal("fp16", "[1]", "[0x]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /number, got 0x/,
    ],
    [
      "an endless number",
      source(literal("fp16", "[1]", `[${"1".repeat(2000)}]`)),
      "ERR_MIL_LITERAL",
      2,
      1,
      /at most 1100/,
    ],
    [
      "an unknown dim in place of another rank",
      source("tensor<fp16, [?]> y = relu(x = x);"),
      "ERR_MIL_TYPE",
      2,
      19,
      /infers, tensor<fp16, \[2, 3\]>, got tensor<fp16, \[\?\]>/,
    ],
    [
      "a negative dim",
      source("tensor<fp16, [-1]> y = relu(x = x);"),
      "ERR_MIL_LITERAL",
      2,
      15,
      /not negative, got -1/,
    ],
    [
      "an endless dim",
      source("tensor<fp16, [99999999999999999999]> y = relu(x = x);"),
      "ERR_MIL_LITERAL",
      2,
      15,
      /dims are integers/,
    ],
    [
      "a constant state",
      source("state<fp16> y = const()[val = state<fp16>(1)];"),
      "ERR_MIL_TYPE",
      2,
      43,
      /got state<fp16>/,
    ],
    [
      "a list in a file",
      source("fp16 y = f(x = list<fp16, 1>(BLOBFILE()));"),
      "ERR_MIL_TYPE",
      2,
      16,
      /got list<fp16, 1>/,
    ],
    [
      "a list of another length",
      source("fp16 y = f(x = list<fp16, 2>([1]));"),
      "ERR_MIL_LITERAL",
      2,
      30,
      /has 2 items, got 1/,
    ],
    [
      "a tuple that is too short",
      source("fp16 y = f(x = tuple<fp16, fp16>((1)));"),
      "ERR_MIL_SYNTAX",
      2,
      36,
      /expected ",", got "\)"/,
    ],
    [
      "a ragged literal of unknown extents",
      source(literal("fp16", "[?, ?]", "[[1, 2], [3]]")),
      "ERR_MIL_LITERAL",
      2,
      1,
      /2 entries, got 1/,
    ],
    [
      "a blob without a path",
      source("fp16 y = const()[val = fp16(BLOBFILE(offset = uint64(64)))];"),
      "ERR_MIL_LITERAL",
      2,
      29,
      /path/,
    ],
  ])("%s", (_, text, code, line, column, message) => {
    const error = failure(text);
    expect(error.message).toMatch(message);
    expect({ code: error.code, line: error.line }).toEqual({ code, line });
    // Literals stand at varying columns; the others exactly where the mistake is.
    if (column > 1 || line !== 2) expect(error.column).toBe(column);
  });

  it("functions of one name", () => {
    const main = source(relu).slice("program(1.3) {".length, -1);
    const error = failure(`program(1.3) {${main}\n${main}}`);
    expect(error).toMatchObject({ code: "ERR_MIL_DUPLICATE", line: 4 });
  });

  it("with what it expected", () => {
    expect(failure(source("tensor<fp16; [2, 3]> y = relu(x = x);")).expected).toBe('","');
    expect(failure(source("tensor<fp16, [3, 2]> y = relu(x = x);")).expected).toBe(
      "tensor<fp16, [2, 3]>",
    );
    expect(failure(source("fp16 y = matmul(x = x, y = x);")).cause).toMatchObject({
      code: "ERR_SHAPE",
    });
  });

  it("nesting without a bottom", () => {
    const deep = 100_000;
    const tuple = `fp16 y = concat(values = ${"(".repeat(deep)}x${")".repeat(deep)}, axis = int32(0));`;
    expect(failure(source(tuple)).code).toBe("ERR_MIL_DEPTH");
    const shape = `tensor<fp16, [${new Array(deep).fill("1").join(",")}]> y = relu(x = x);`;
    expect(failure(source(shape)).code).toBe("ERR_MIL_DEPTH");
    const brackets = literal("fp16", "[1]", `${"[".repeat(deep)}1${"]".repeat(deep)}`);
    expect(failure(source(brackets)).code).toBe("ERR_MIL_SYNTAX");
  });
});

function literal(dtype: string, shape: string, elements: string): string {
  const type = `tensor<${dtype}, ${shape}>`;
  return `${type} y = const()[val = ${type}(${elements})];`;
}

function cast(dtype: string): string {
  return `tensor<${dtype}, [2, 3]> y = cast(x = x, dtype = string("${dtype}"));`;
}
