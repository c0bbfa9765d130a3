/** Programs for packages: one of everything the IR can say, and random ones with weight files to match. */
import type fc from "fast-check";
import {
  type AnyConstant,
  type AnyValue,
  type Argument,
  buildProgram,
  type DType,
  encodeBlob,
  type Immediate,
  type Literal,
  type LiteralElements,
  type Operation,
  type Program,
  scalar,
  tensor,
  UNKNOWN_DIM,
  type ValueType,
  writeBlobFile,
} from "../../src/index.js";
import { mapBlobs } from "../../src/mlpackage/map-blobs.js";
import { elementCount } from "../../src/tensor-type.js";
import { randomProgram } from "../random-program.js";

export const PATH = "@model_path/weights/w.bin";

/** y = W · relu(x) */
export function small(): Program {
  return buildProgram({ opset: "ios16", version: "1.0" }, (f) => {
    const x = f.input("x", tensor("fp16", [1, 2, 1, 32]));
    const weight = f.blob("w", tensor("fp16", [3, 2, 1, 1]), PATH);
    return { y: f.conv({ x: f.relu({ x }), weight }) };
  });
}

/** The weight file of `small`. */
export function smallBlobs(): Map<string, Uint8Array> {
  return new Map([[PATH, writeBlobFile([encodeBlob("fp16", [1, 2, 3, 4, 5, 6])])]]);
}

export function text(value: string): Literal {
  return { kind: "literal", type: scalar("string"), elements: [value] };
}

export function literal(
  dtype: DType,
  shape: readonly number[],
  elements: LiteralElements,
): Literal {
  return { kind: "literal", type: { kind: "tensor", dtype, shape }, elements };
}

export function constOp(name: string, val: AnyConstant): Operation {
  const value = { name, type: val.type };
  return { type: "const", inputs: {}, attributes: { name: text(name), val }, outputs: [value] };
}

export function use(value: AnyValue): Argument {
  return { kind: "value", value };
}

const LIST: ValueType = { kind: "list", element: scalar("string"), length: 2 };
const OPEN_LIST: ValueType = { kind: "list", element: tensor("int32", [2]), length: UNKNOWN_DIM };

/** Constants of every dtype and kind. */
export const CONSTANTS: Readonly<Record<string, Immediate>> = {
  fp16: literal("fp16", [2, 3], Float64Array.of(1, -0, 2 ** -24, 65504, Infinity, NaN)),
  fp32: literal("fp32", [3], Float64Array.of(Math.fround(0.1), -Infinity, -0)),
  fp64: literal("fp64", [2], Float64Array.of(0.1, 1e300)),
  bf16: literal("bf16", [2], Float64Array.of(1.5, -(2 ** 100))),
  fp8e4m3fn: literal("fp8e4m3fn", [3], Float64Array.of(448, -(2 ** -9), NaN)),
  fp8e5m2: literal("fp8e5m2", [2], Float64Array.of(57344, -Infinity)),
  bool: literal("bool", [3], [true, false, true]),
  string: literal("string", [2], ["", "größer \u0000 😀"]),
  int4: literal("int4", [3], Int32Array.of(-8, 7, -1)),
  int8: literal("int8", [3], Int32Array.of(-128, 127, 0)),
  int16: literal("int16", [2], Int32Array.of(-32768, 32767)),
  int32: literal("int32", [2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
  int64: literal("int64", [2], [-(2n ** 63n), 2n ** 63n - 1n]),
  uint1: literal("uint1", [9], Int32Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1)),
  uint2: literal("uint2", [5], Int32Array.of(3, 0, 1, 2, 3)),
  uint3: literal("uint3", [3], Int32Array.of(7, 0, 5)),
  uint4: literal("uint4", [3], Int32Array.of(15, 0, 9)),
  uint6: literal("uint6", [3], Int32Array.of(63, 1, 32)),
  uint8: literal("uint8", [2], Int32Array.of(0, 255)),
  uint16: literal("uint16", [2], Int32Array.of(0, 65535)),
  uint32: literal("uint32", [2], [0n, 2n ** 32n - 1n]),
  uint64: literal("uint64", [2], [0n, 2n ** 64n - 1n]),
  scalar: literal("fp16", [], Float64Array.of(0.5)),
  empty: literal("int32", [0], new Int32Array()),
  emptyBytes: literal("fp16", [2, 0], new Float64Array()),
  emptyText: literal("string", [0], []),
  unknown: {
    kind: "literal",
    type: tensor("int32", [2, UNKNOWN_DIM]),
    elements: Int32Array.of(1, 2, 3, 4, 5, 6),
    shape: [2, 3],
  },
  list: { kind: "sequence", type: LIST, items: [text("a"), text("b")] },
  openList: {
    kind: "sequence",
    type: OPEN_LIST,
    items: [literal("int32", [2], Int32Array.of(1, 2)), literal("int32", [2], Int32Array.of(3, 4))],
  },
  emptyList: { kind: "sequence", type: OPEN_LIST, items: [] },
  tuple: {
    kind: "sequence",
    type: { kind: "tuple", elements: [scalar("string"), LIST] },
    items: [text("c"), { kind: "sequence", type: LIST, items: [text("d"), text("e")] }],
  },
  dictionary: {
    kind: "dictionary",
    type: { kind: "dictionary", key: scalar("string"), value: tensor("int32", [UNKNOWN_DIM]) },
    entries: [
      [
        text("k"),
        {
          kind: "literal",
          type: tensor("int32", [UNKNOWN_DIM]),
          elements: Int32Array.of(7),
          shape: [1],
        },
      ],
    ],
  },
};

/** States, blocks, several functions, attributes, flexible shapes, arguments of every kind: not a sensible program. */
export function everything(): Program {
  const x: AnyValue = { name: "x", type: tensor("fp32", [1, UNKNOWN_DIM]) };
  const n: AnyValue = { name: "n", type: scalar("int32") };
  const kv: AnyValue = { name: "kv", type: { kind: "state", wrapped: tensor("fp16", [2, 4]) } };
  const read: AnyValue = { name: "read", type: tensor("fp16", [2, 4]) };
  const pred: AnyValue = { name: "pred", type: scalar("bool") };
  const chosen: AnyValue = { name: "chosen", type: tensor("fp32", [1, UNKNOWN_DIM]) };
  const loop: AnyValue = { name: "loop", type: scalar("int32") };
  const inner: AnyValue = { name: "n_0", type: scalar("int32") };
  const more: AnyValue = { name: "more", type: scalar("bool") };
  const next: AnyValue = { name: "next", type: scalar("int32") };
  const joined: AnyValue = { name: "joined", type: tensor("fp32", [1, UNKNOWN_DIM]) };
  const blob: AnyConstant = { kind: "blob", type: tensor("uint3", [5]), path: PATH, offset: 192 };
  const packed: AnyValue = { name: "packed", type: tensor("fp16", [5]) };
  return {
    version: "1.3",
    buildInfo: { "coremltools-version": "9.0", empty: "" },
    attributes: { note: text("attribute of the program") },
    functions: [
      {
        name: "prefill",
        opset: "ios18",
        inputs: [x, kv, n],
        attributes: {
          note: text("attribute of the function"),
          FlexibleShapeInformation: flexible("x", [1, 4], {
            ranges: [
              [1, 1],
              [1, -1],
            ],
          }),
        },
        operations: [
          ...Object.entries(CONSTANTS).map(([name, value]) => constOp(`c_${name}`, value)),
          { type: "read_state", inputs: { input: use(kv) }, attributes: {}, outputs: [read] },
          {
            type: "write_state",
            inputs: { data: use(read), input: use(kv) },
            attributes: { name: text("w") },
            outputs: [],
          },
          {
            type: "constexpr_lut_to_dense",
            inputs: { indices: blob, lut: literal("fp16", [1, 1], Float64Array.of(2)) },
            attributes: { name: text("packed") },
            outputs: [packed],
          },
          {
            type: "greater",
            inputs: { x: use(n), y: literal("int32", [], Int32Array.of(3)) },
            attributes: {},
            outputs: [pred],
          },
          {
            type: "cond",
            inputs: { pred: use(pred) },
            attributes: { name: text("cond_0") },
            outputs: [chosen],
            blocks: [
              {
                inputs: [],
                operations: [constOp("then", literal("bool", [], [true]))],
                outputs: [x],
              },
              { inputs: [], operations: [], outputs: [x] },
            ],
          },
          {
            type: "while_loop",
            inputs: { loop_vars: { kind: "tuple", items: [use(n)] } },
            attributes: { name: text("loop_0") },
            outputs: [loop],
            blocks: [
              {
                inputs: [inner],
                operations: [
                  {
                    type: "less",
                    inputs: { x: use(inner), y: use(n) },
                    attributes: {},
                    outputs: [more],
                  },
                ],
                outputs: [more],
              },
              {
                inputs: [inner],
                operations: [
                  {
                    type: "add",
                    inputs: { x: use(inner), y: literal("int32", [], Int32Array.of(1)) },
                    attributes: {},
                    outputs: [next],
                  },
                ],
                outputs: [next],
              },
            ],
          },
          {
            type: "concat",
            inputs: {
              values: { kind: "tuple", items: [use(chosen)] },
              axis: literal("int32", [], Int32Array.of(1)),
              interleave: literal("bool", [], [false]),
            },
            attributes: { name: text("joined") },
            outputs: [joined],
          },
        ],
        outputs: [joined, loop, read],
      },
      {
        name: "extend",
        opset: "ios17",
        inputs: [{ name: "x", type: tensor("fp32", [UNKNOWN_DIM]) }],
        attributes: {
          FlexibleShapeInformation: flexible("x", [2], { enumerated: [[2], [8]] }),
        },
        operations: [],
        outputs: [{ name: "x", type: tensor("fp32", [UNKNOWN_DIM]) }],
      },
    ],
  };
}

interface Limits {
  readonly ranges?: readonly (readonly [number, number])[];
  readonly enumerated?: readonly (readonly number[])[];
}

/** The attribute as Apple's compiler prints it; names of enumerated shapes as `readMlpackage` makes them. */
function flexible(
  input: string,
  shape: readonly number[],
  { ranges, enumerated }: Limits,
): Immediate {
  const open = tensor("int32", [UNKNOWN_DIM]);
  const vector = (dims: readonly number[]): Literal => ({
    kind: "literal",
    type: open,
    elements: Int32Array.from(dims),
    shape: [dims.length],
  });
  const dictionary = (
    value: ValueType,
    entries: readonly (readonly [string, Immediate])[],
  ): Immediate => ({
    kind: "dictionary",
    type: { kind: "dictionary", key: scalar("string"), value },
    entries: entries.map(([key, item]) => [text(key), item]),
  });
  const tuple = (items: readonly Immediate[]): Immediate => ({
    kind: "sequence",
    type: { kind: "tuple", elements: items.map(({ type }) => type) },
    items,
  });
  const configurations = (enumerated ?? []).map((dims, index) => {
    const name = index.toString(16).padStart(8, "0");
    return [name, dictionary(open, [[input, vector(dims)]])] as const;
  });
  const pairs: Immediate = {
    kind: "sequence",
    type: OPEN_LIST as ValueType & { kind: "list" },
    items: (ranges ?? []).map((pair) => literal("int32", [2], Int32Array.from(pair))),
  };
  const dimensions: ValueType = { kind: "dictionary", key: scalar("string"), value: open };
  const second =
    enumerated === undefined
      ? tuple([text("RangeDims"), dictionary(OPEN_LIST, [[input, pairs]])])
      : tuple([text("EnumeratedShapes"), dictionary(dimensions, configurations)]);
  const first = tuple([text("DefaultShapes"), dictionary(open, [[input, vector(shape)]])]);
  return tuple([first, second]);
}

/** Weight files of zeros, each as the program wants it. */
export function zeroBlobs(program: Program): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  mapBlobs(program, (reference) => {
    const { path, type } = reference;
    const zeros = new Float64Array(elementCount(type.shape));
    files.set(path, writeBlobFile([encodeBlob(type.dtype, zeros)]));
    return reference;
  });
  return files;
}

const PORTS: ReadonlySet<DType> = new Set<DType>(["fp16", "fp32", "int32"]);

/** Random programs whose ports Core ML has, with a weight file per type. */
export const randomModel: fc.Arbitrary<Program> = randomProgram
  .filter(({ functions }) =>
    functions.every(({ inputs, outputs }) =>
      [...inputs, ...outputs].every(({ type }) => type.kind === "tensor" && PORTS.has(type.dtype)),
    ),
  )
  .map((program) =>
    mapBlobs(program, (reference) => {
      const { dtype, shape } = reference.type;
      return { ...reference, path: `@model_path/weights/${dtype}_${elementCount(shape)}.bin` };
    }),
  );
