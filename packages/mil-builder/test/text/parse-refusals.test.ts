import { describe, expect, it } from "vitest";
import { failure, source } from "./source.js";

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
