/** Text that is broken, by accident or on purpose, ends in a FormatError: soon, without filling memory or stack. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FormatError, parse, print } from "../../src/index.js";
import { externalData } from "../fixtures.js";
import { randomProgram } from "../random-program.js";
import { randomIr } from "./random-ir.js";

const HEAD = "program(1.3) { func main<ios18>(tensor<fp16, [2, 3]> x) {\n";
const LARGE = 100_000_000;

function failure(text: string): FormatError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("parsed without an error");
}

/** Either an error that has a place, or a program that can be printed and read again. */
function expectOrderly(text: string): void {
  let program: ReturnType<typeof parse>;
  try {
    program = parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).line).toBeGreaterThan(0);
    expect((error as FormatError).column).toBeGreaterThan(0);
    return;
  }
  expect(parse(print(program))).toStrictEqual(program);
}

describe("damaged text", () => {
  const PIECES = [
    ...'()[]<>{},;=?"-.',
    ...["->", "0x", "1e9", "9007199254740993", "inf", "//", "fp16", "int4", "tensor<", "list<"],
    ...["dict<", "(x, ", "[[", "x", "__proto__", "BLOBFILE(", "const()", "<ios15>", "[val = "],
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 8 }),
    insert: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(...PIECES)),
    /** Another place, whose text is inserted as well. */
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    copied: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
  });

  function check(source: fc.Arbitrary<string>, numRuns: number): void {
    fc.assert(
      fc.property(source, fc.array(edit, { minLength: 1, maxLength: 3 }), (original, edits) => {
        let text = original;
        for (const { at, remove, insert, from, copied } of edits) {
          const start = Math.floor(at * text.length);
          const origin = Math.floor(from * text.length);
          const piece = insert + text.slice(origin, origin + copied);
          text = text.slice(0, start) + piece + text.slice(start + remove);
        }
        expectOrderly(text);
      }),
      { numRuns },
    );
  }

  it("of programs that the builder makes", () => {
    check(
      randomProgram.map((program) => print(program)),
      400,
    );
  });

  it("of every construct", () => {
    check(
      randomIr.map((program) => print(program)),
      600,
    );
  });

  const directory = externalData("mil", "programs");
  it.skipIf(directory === undefined)("of another project", () => {
    const names = readdirSync(directory!).filter((name) => name.endsWith(".mil"));
    const texts = names.map((name) => readFileSync(join(directory!, name), "utf8"));
    check(fc.constantFrom(...texts), 600);
  });

  it("that is no program at all", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES, " ", "program")), (pieces) => {
        expect(failure(pieces.join("")).code).toMatch(/^ERR_MIL_/);
      }),
    );
  });
});

describe("nesting without a bottom", () => {
  const deep = 100_000;
  it.each([
    ["tuples", `fp16 y = f(x = ${"(".repeat(deep)}x${")".repeat(deep)});`, "ERR_MIL_DEPTH"],
    ["lists", `${"list<".repeat(deep)}fp16${", 1>".repeat(deep)} y = f();`, "ERR_MIL_DEPTH"],
    ["states", `${"state<".repeat(deep)}fp16${">".repeat(deep)} y = f();`, "ERR_MIL_DEPTH"],
    ["dicts", `fp16 y = f(x = ${"dict<fp16, ".repeat(deep)}`, "ERR_MIL_DEPTH"],
    ["ranks", `tensor<fp16, [${"1, ".repeat(deep)}1]> y = f();`, "ERR_MIL_DEPTH"],
    ["brackets", `fp16 y = f(x = fp16(${"[".repeat(deep)}`, "ERR_MIL_SYNTAX"],
    ["braces", "{".repeat(deep), "ERR_MIL_SYNTAX"],
  ])("%s", (_, statement, code) => {
    expect(failure(HEAD + statement).code).toBe(code);
  });
});

describe("types larger than memory", () => {
  const huge = "[1048576, 1048576, 1048576]";
  it.each([
    ["a short literal", `tensor<fp16, ${huge}> y = f(x = tensor<fp16, ${huge}>([[[1]]]));`],
    ["an empty literal", `tensor<fp16, ${huge}> y = f(x = tensor<fp16, ${huge}>([]));`],
    ["a list", "fp16 y = f(x = list<fp16, 9007199254740991>([]));"],
  ])("%s", (_, statement) => {
    expect(failure(HEAD + statement).line).toBe(2);
  });

  it.each([
    ["results", "split(x = x, axis = int32(0), num_splits = int32(2147483647))"],
    ["dims", "random_uniform(shape = sizes, low = fp16(0), high = fp16(1))"],
  ])("as many %s", (_, op) => {
    const ports = "tensor<fp16, [2147483647]> x, tensor<int32, [2147483647]> sizes";
    const text = `program(1.3) { func main<ios18>(${ports}) {\nfp16 y = ${op};\n} -> (y); }`;
    expect(failure(text)).toMatchObject({ code: "ERR_MIL_TYPE", line: 2 });
  });

  it("but without elements are just types", () => {
    const type = `tensor<fp16, ${huge}>`;
    const blob = `${type}(BLOBFILE(path = string("@model_path/w.bin"), offset = uint64(64)))`;
    const text = `${HEAD}${type} y = const()[val = ${blob}];\n} -> (y); }`;
    expect(parse(text).functions[0]!.operations).toHaveLength(1);
  });
});

describe("100 MB of", () => {
  it.each([
    ["brackets", "", "(", "ERR_MIL_SYNTAX"],
    ["empty lines", "program(1.3)", "\n", "ERR_MIL_SYNTAX"],
    ["one number", `${HEAD}fp16 y = f(x = fp16(`, "1", "ERR_MIL_LITERAL"],
    ["ops", HEAD, "f();", "ERR_MIL_SIZE"],
  ])("%s", (_, start, piece, code) => {
    const error = failure(start + piece.repeat(LARGE / piece.length));
    expect(error.code).toBe(code);
    expect(error.message.length).toBeLessThan(600);
  });
});

test("messages do not repeat long names", () => {
  const name = "n".repeat(10_000);
  expect(failure(`${HEAD}fp16 y = relu(x = ${name});`).message.length).toBeLessThan(400);
});
