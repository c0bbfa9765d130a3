import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AnyValue,
  ArgumentError,
  buildProgram,
  type DType,
  FormatError,
  type Opset,
  type Program,
  parse,
  scalar,
  tensor,
  UNKNOWN_DIM,
  type ValueType,
} from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { decodeProgram } from "../../src/mlpackage/decode-program.js";
import { encodeProgram } from "../../src/mlpackage/encode-program.js";
import { decodeModel, encodeModel } from "../../src/mlpackage/index.js";
import { ProgramSchema } from "../../src/mlpackage/proto/mil_program_pb.js";
import { externalData } from "../fixtures.js";
import { SMALL } from "../kernels/fixtures.js";
import { randomProgram } from "../random-program.js";
import {
  CONSTANTS,
  constOp,
  everything,
  literal,
  randomModel,
  small,
  text,
  use,
} from "./programs.js";
import { schemaLines, showMessage } from "./wire.js";

const GOLDEN = new URL("../golden/", import.meta.url);

describe("the schema", () => {
  const files = new URL("../../proto/", import.meta.url);
  const source = readdirSync(files)
    .map((name) => readFileSync(new URL(name, files), "utf8"))
    .join("\n");

  it("has the fields and numbers of the format", () => {
    const fields: string[] = [];
    const messages: string[] = [];
    const enums = new Set([...source.matchAll(/enum (\w+)/g)].map(([, name]) => name!));
    for (const line of source.split("\n")) {
      const opened = /^\s*(?:message|enum|oneof) (\w+) \{/.exec(line);
      const field = /^\s*(?:repeated )?[\w.<>, ]+ (\w+) = (\d+);/.exec(line);
      if (opened !== null) messages.push(line.includes("oneof") ? messages.at(-1)! : opened[1]!);
      else if (/^\s*\}/.test(line)) messages.pop();
      else if (field !== null && !enums.has(messages.at(-1)!))
        fields.push(`${messages.at(-1)}.${field[1]} = ${field[2]}`);
    }
    // The other schema names messages of the same form once, and has fields that are only skipped here.
    const alias = (line: string) =>
      line
        .replace(/^(TupleValue|ListValue)\./, "Values.")
        .replace(/^Repeated(Floats|Ints|Strings|Doubles|Bytes)\./, "$1.")
        .replace(/^Repeated(Bools|LongInts)\./, "Ints.");
    const skipped = ["Program.docString = 3", "TensorType.attributes = 4", "Value.docString = 1"];
    expect(new Set(fields.map(alias))).toEqual(
      new Set(schemaLines().filter((line) => !skipped.includes(line))),
    );
  });
});

describe("encodeModel", () => {
  it("makes the bytes of the format", () => {
    const shown = showMessage(encodeModel(small()));
    expect(shown).toBe(readFileSync(new URL("small-model.txt", GOLDEN), "utf8"));
  });

  it.each<[string, string]>([
    ["fp16", "bytes { values <003c00800100ff7b007c007e> }"],
    ["fp32", "floats { values [0.10000000149011612, -Infinity, -0] }"],
    ["fp64", "doubles { values [0.1, 1e+300] }"],
    ["bf16", "bytes { values <c03f80f1> }"],
    ["fp8e4m3fn", "bytes { values <7e817f> }"],
    ["fp8e5m2", "bytes { values <7bfc> }"],
    ["bool", "bools { values [1, 0, 1] }"],
    ["int4", "bytes { values <780f> }"],
    ["int8", "bytes { values <807f00> }"],
    ["int16", "ints { values [-32768, 32767] }"],
    ["int32", "ints { values [-2147483648, 2147483647] }"],
    ["int64", "longInts { values [-9223372036854775808, 9223372036854775807] }"],
    ["uint1", "bytes { values <0d01> }"],
    ["uint2", "bytes { values <9303> }"],
    ["uint3", "bytes { values <4701> }"],
    ["uint4", "bytes { values <0f09> }"],
    ["uint6", "bytes { values <7f0002> }"],
    ["uint8", "bytes { values <00ff> }"],
    ["uint16", "ints { values [0, 65535] }"],
    ["uint32", "bytes { values <00000000ffffffff> }"],
    ["uint64", "longInts { values [0, -1] }"],
    ["scalar", "bytes { values <0038> }"],
    ["empty", "ints {}"],
    ["emptyBytes", "bytes {}"],
    ["emptyText", "strings {}"],
  ])("stores elements of %s where Core ML looks for them", (name, expected) => {
    const program = only("ios18", [], [constOp("c", CONSTANTS[name]!)], []);
    const shown = showMessage(encodeModel(program)).replace(/\s+/g, " ");
    expect(shown.slice(shown.lastIndexOf("immediateValue"))).toContain(`{ tensor { ${expected} }`);
  });

  it("gives equal bytes for equal programs, however they were put together", () => {
    const program = small();
    const reversed = JSON.parse(JSON.stringify(program), (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as Program;
    expect(Buffer.compare(encodeModel(reversed), encodeModel(program))).toBe(0);
  });

  it("describes ports in the order of the function, scalars and states as Core ML has them", () => {
    const kv: AnyValue = { name: "kv", type: { kind: "state", wrapped: tensor("fp16", [2, 3]) } };
    const a: AnyValue = { name: "a", type: scalar("fp32") };
    const b: AnyValue = { name: "b", type: tensor("int32", [4]) };
    const program = only("ios18", [b, kv, a], [], [a, b]);
    const shown = showMessage(encodeModel(program));
    const description = shown.slice(0, shown.indexOf("mlProgram"));
    const lines = description.split("\n").filter((line) => /name|state|shape|Type \d/.test(line));
    expect(lines.map((line) => line.trim())).toEqual([
      'name "b"',
      "shape [4]",
      "dataType 131104",
      'name "a"',
      "shape [1]",
      "dataType 65568",
      'name "a"',
      "dataType 65568",
      'name "b"',
      "shape [4]",
      "dataType 131104",
      "state {",
      'name "kv"',
      "stateType {",
      "shape [2, 3]",
      "dataType 65552",
    ]);
  });
});

describe("decodeModel", () => {
  it("is the inverse of encodeModel for the kernels", () => {
    for (const { program } of Object.values(llamaKernels(SMALL))) {
      expect(decodeModel(encodeModel(program)).program).toEqual(program);
    }
  });

  it("is the inverse for programs of another project", (context) => {
    const directory = externalData("mil", "programs");
    if (directory === undefined) return context.skip();
    const names = readdirSync(directory).filter((name) => name.endsWith(".mil"));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const program = parse(readFileSync(join(directory, name), "utf8"));
      expect(decodeModel(encodeModel(program)).program, name).toEqual(program);
    }
  });

  it("is the inverse for random programs", () => {
    fc.assert(
      fc.property(randomModel, (program) => {
        const decoded = decodeModel(encodeModel(program));
        expect(decoded.program).toEqual(program);
        expect(decoded.metadata).toEqual({});
      }),
      { numRuns: 200 },
    );
  });

  it("is the inverse for everything that the IR can say", () => {
    const program = everything();
    const metadata = {
      shortDescription: "s",
      version: "1",
      author: "a",
      license: "l",
      userDefined: { b: "2", a: "1" },
    };
    const decoded = decodeModel(encodeModel(program, { metadata }));
    expect(decoded.program).toEqual(program);
    expect(decoded).toMatchObject({ specificationVersion: 9, metadata });
  });

  it("reads flexible shapes as Apple's compiler prints them", () => {
    const source = `program(1.3)
[buildInfo = dict<string, string>({})]
{
    func main<ios17>(tensor<fp32, [?, ?]> x) [FlexibleShapeInformation = tuple<tuple<string, dict<string, tensor<int32, [?]>>>, tuple<string, dict<string, list<tensor<int32, [2]>, ?>>>>((("DefaultShapes", {{"x", [2, 4]}}), ("RangeDims", {{"x", [[0, 2], [0, 4]]}})))] {
            tensor<fp32, [?, ?]> y = relu(x = x)[name = string("y")];
        } -> (y);
}`;
    const program = parse(source);
    const bytes = encodeModel(program);
    expect(showMessage(bytes)).not.toContain("FlexibleShapeInformation");
    expect(decodeModel(bytes).program).toEqual(program);
  });

  it("keeps programs whose ports Core ML does not have, as messages", () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const message = create(ProgramSchema, encodeProgram(program));
        expect({ version: program.version, ...decodeProgram(message) }).toEqual(program);
      }),
    );
  });

  it("refuses every cut", () => {
    const bytes = encodeModel(small());
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length)), `${length}`).toThrow(FormatError);
    }
  });

  it("answers damage with a program or a FormatError", () => {
    const bytes = encodeModel(everything());
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
        }),
        (edits) => {
          const damaged = bytes.slice();
          for (const [position, value] of edits) damaged[position] = value;
          try {
            decodeModel(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            expect(error).toMatchObject({ code: "ERR_MLPACKAGE" });
            refused++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("refuses nesting without end", () => {
    // Operation.blocks[0].operations[0].blocks[0]...: field 4 in field 3, over and over.
    let inner: Uint8Array = Uint8Array.of();
    for (let depth = 0; depth < 5000; depth++) inner = field(depth % 2 === 0 ? 4 : 3, inner);
    const main = field(3, [...field(1, [...Buffer.from("CoreML5")]), ...field(2, inner)]);
    const program = field(2, [...field(1, [...Buffer.from("main")]), ...field(2, main)]);
    expect(() => decodeModel(field(502, program))).toThrow(/recursion depth/);
  });
});

/** A length-delimited field. */
function field(number: number, content: ArrayLike<number>): Uint8Array {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  return Uint8Array.from([
    ...varint(number * 8 + 2),
    ...varint(content.length),
    ...Array.from(content),
  ]);
}

function only(
  opset: Opset,
  inputs: readonly AnyValue[],
  operations: Program["functions"][number]["operations"],
  outputs: readonly AnyValue[],
): Program {
  return {
    version: "1.3",
    buildInfo: {},
    functions: [{ name: "main", opset, inputs, operations, outputs }],
  };
}

function port(dtype: DType): Program {
  const x: AnyValue = { name: "x", type: tensor(dtype, [2]) };
  return only("ios15", [x], [], [x]);
}

describe("the specification version", () => {
  const x: AnyValue = { name: "x", type: tensor("fp32", [2]) };
  const kv: AnyValue = { name: "kv", type: { kind: "state", wrapped: tensor("fp16", [2]) } };
  const packed = constOp("c", literal("uint4", [1], Int32Array.of(1)));
  const two = only("ios15", [x], [], [x]);

  it.each<[string, Program, number]>([
    ["ios15", only("ios15", [x], [], [x]), 6],
    ["ios16", only("ios16", [x], [], [x]), 7],
    ["ios17", only("ios17", [x], [], [x]), 8],
    ["ios18", only("ios18", [x], [], [x]), 9],
    ["ios26", only("ios26", [x], [], [x]), 10],
    ["fp16 ports", port("fp16"), 7],
    ["int8 ports", port("int8"), 10],
    ["states", only("ios15", [x, kv], [], [x]), 9],
    ["packed dtypes", only("ios15", [x], [packed], [x]), 9],
    [
      "two functions",
      { ...two, functions: [...two.functions, { ...two.functions[0]!, name: "b" }] },
      9,
    ],
    ["a function not named main", { ...two, functions: [{ ...two.functions[0]!, name: "b" }] }, 9],
  ])("of a program with %s is the oldest that has it", (_, program, version) => {
    const decoded = decodeModel(encodeModel(program));
    expect(decoded.specificationVersion).toBe(version);
    expect(decoded.program).toEqual(program);
    const dialects = (["1.0", "1.3"] as const).map((dialect) => ({ ...program, version: dialect }));
    for (const program of dialects)
      expect(decodeModel(encodeModel(program)).program).toEqual(program);
    expect(() => encodeModel(program, { specificationVersion: version - 1 })).toThrow(
      ArgumentError,
    );
    expect(() => encodeModel(program, { specificationVersion: 11 })).toThrow(/lies in \d+\.\.10/);
    expect(
      decodeModel(encodeModel(program, { specificationVersion: 10 })).specificationVersion,
    ).toBe(10);
  });

  it("names what needs it", () => {
    expect(() => encodeModel(port("fp16"), { specificationVersion: 6 })).toThrow(
      /7\.\.10 because of the fp16 port "x", got 6/,
    );
  });
});

const BUFFER: ValueType = {
  kind: "tensor_buffer",
  dtype: "fp16",
  shape: [1],
  strides: [1],
  interleaveFactors: [1],
};

describe("what has no form in a model", () => {
  const x: AnyValue = { name: "x", type: tensor("fp32", [2]) };
  const call = (
    type: string,
    inputs: Program["functions"][number]["operations"][number]["inputs"],
  ) => only("ios18", [x], [{ type, inputs, attributes: {}, outputs: [] }], [x]);

  it.each<[string, Program, RegExp]>([
    [
      "ports of other dtypes",
      port("bool"),
      /fp16, fp32, int32, int8, got tensor<bool, \[2\]> for "x"/,
    ],
    [
      "unknown dims without limits",
      only("ios15", [{ name: "x", type: tensor("fp32", [UNKNOWN_DIM]) }], [], []),
      /default shape and its limits/,
    ],
    [
      "states of other dtypes",
      only("ios18", [{ name: "s", type: { kind: "state", wrapped: tensor("fp32", [2]) } }], [], []),
      /states are fp16 tensors/,
    ],
    [
      "opsets of single ops",
      only("ios18", [x], [{ ...constOp("c", text("t")), opset: "ios17" }], [x]),
      /the opset of their function, got const<ios17>/,
    ],
    [
      "tuples in tuples",
      call("f", { a: { kind: "tuple", items: [{ kind: "tuple", items: [use(x)] }] } }),
      /tuple in a tuple/,
    ],
    [
      "tensor buffers",
      only(
        "ios18",
        [x],
        [{ type: "f", inputs: {}, attributes: {}, outputs: [{ name: "b", type: BUFFER }] }],
        [x],
      ),
      /tensor buffers have no place/,
    ],
    [
      "constants with two unknown dims",
      only(
        "ios18",
        [x],
        [
          constOp("c", {
            kind: "literal",
            type: tensor("int32", [UNKNOWN_DIM, UNKNOWN_DIM]),
            elements: Int32Array.of(1),
            shape: [1, 1],
          }),
        ],
        [x],
      ),
      /at most one unknown dim/,
    ],
    [
      "no function",
      { version: "1.3", buildInfo: {}, functions: [] },
      /default function is one of \[\]/,
    ],
  ])("%s are refused", (_, program, message) => {
    expect(() => encodeModel(program)).toThrow(ArgumentError);
    expect(() => encodeModel(program)).toThrow(message);
  });

  it("a default function that does not exist is refused", () => {
    expect(() => encodeModel(small(), { defaultFunction: "other" })).toThrow(/one of \[main\]/);
    const built = buildProgram({ name: "other" }, (f) => [
      f.relu({ x: f.input("x", tensor("fp32", [1])) }),
    ]);
    expect(decodeModel(encodeModel(built)).program).toEqual(built);
  });
});
