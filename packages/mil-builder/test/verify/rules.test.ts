import { describe, expect, test } from "vitest";
import { type Program, tensor } from "../../src/index.js";
import type { Chip } from "../../src/verify/diagnostic.js";
import { RULES, verify } from "../../src/verify/verify.js";
import { program, rawProgram, SURFACE, withLastOperation, withMain } from "./programs.js";

interface Case {
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly where: string;
  /** What the message says was found. */
  readonly actual: string;
  readonly chip?: Chip;
  readonly broken: Program;
}

const relu = program((f, x) => f.relu({ x }));
const chain = program((f, x) => f.relu({ x: f.relu({ x }, "first") }));

/** x projected by a weight of this shape. */
function convolution(channels: number, kernel: readonly [number, number]): Program {
  const x = tensor("fp16", [1, channels, 32, 32]);
  return program(
    (f, input) => {
      const weight = f.blob("w", tensor("fp16", [8, channels, ...kernel]), "@model_path/w.bin");
      const [up, left] = kernel.map((size) => Math.floor(size / 2)) as [number, number];
      const [down, right] = [kernel[0] - 1 - up, kernel[1] - 1 - left];
      return f.conv({ x: input, weight, pad_type: "custom", pad: [up, down, left, right] });
    },
    { x },
  );
}

function longMatmul(length: number): Program {
  return program((f, x) => f.matmul({ x, y: x, transpose_x: false, transpose_y: true }), {
    x: tensor("fp16", [1, 1, 32, length]),
  });
}

function weightAt(path: string, offset: number): Program {
  const base = program((f, x) => f.add({ x, y: f.blob("w", SURFACE, "@model_path/w.bin") }));
  return withMain(base, (main) => ({
    ...main,
    operations: main.operations.map((operation) => ({
      ...operation,
      attributes: Object.fromEntries(
        Object.entries(operation.attributes).map(([key, value]) => [
          key,
          value.kind === "blob" ? { ...value, path, offset } : value,
        ]),
      ),
    })),
  }));
}

/** One op of each rule that denies ops. */
const DENIED = {
  "unsupported-op": "cumsum",
  gather: "gather",
  tile: "tile",
  gelu: "gelu",
  "reduce-mean": "reduce_mean",
  rsqrt: "rsqrt",
  "sin-cos": "sin",
};

const CASES: readonly Case[] = [
  {
    rule: "duplicate-name",
    severity: "error",
    where: 'main: relu "x"',
    actual: '"x" again',
    broken: withLastOperation(relu, (operation) => ({
      ...operation,
      outputs: [{ name: "x", type: SURFACE }],
    })),
  },
  {
    rule: "use-before-definition",
    severity: "error",
    where: 'main: relu "out"',
    actual: '"first"',
    broken: withMain(chain, (main) => ({
      ...main,
      operations: main.operations.toReversed(),
    })),
  },
  {
    rule: "use-before-definition",
    severity: "error",
    where: 'main: output "out"',
    actual: "no definition",
    broken: withMain(relu, (main) => ({ ...main, operations: [] })),
  },
  {
    rule: "dead-result",
    severity: "warning",
    where: 'main: relu "first"',
    actual: "no use",
    broken: program((f, x) => {
      f.relu({ x }, "first");
      return f.relu({ x });
    }),
  },
  {
    rule: "unknown-op",
    severity: "error",
    where: 'main: frobnicate "out"',
    actual: '"frobnicate"',
    broken: rawProgram("frobnicate"),
  },
  {
    rule: "opset",
    severity: "error",
    where: 'main: scaled_dot_product_attention "out"',
    actual: "ios17, where scaled_dot_product_attention needs ios18",
    broken: withMain(rawProgram("scaled_dot_product_attention"), (main) => ({
      ...main,
      opset: "ios17",
    })),
  },
  {
    rule: "result-type",
    severity: "error",
    where: 'main: relu "out"',
    actual: "tensor<fp16, [1, 64, 1, 64]> for tensor<fp16, [1, 64, 1, 32]>",
    broken: withLastOperation(relu, (operation) => ({
      ...operation,
      outputs: [{ name: "out", type: tensor("fp16", [1, 64, 1, 64]) }],
    })),
  },
  {
    rule: "op-arguments",
    severity: "error",
    where: 'main: relu "out"',
    actual: 'none where "x" is required',
    broken: withLastOperation(relu, (operation) => ({ ...operation, inputs: {} })),
  },
  {
    rule: "row-alignment",
    severity: "error",
    where: 'main: input "x"',
    actual: "32 bytes (tensor<fp16, [1, 64, 1, 16]>)",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 64, 1, 16]) }),
  },
  {
    rule: "surface-dtype",
    severity: "error",
    where: 'main: output "out"',
    actual: "int32",
    broken: program((f, x) => f.cast({ x, dtype: "int32" })),
  },
  {
    rule: "surface-rank",
    severity: "warning",
    where: 'main: output "out"',
    actual: "[64, 32]",
    chip: "m1",
    broken: program((f, x) => f.reshape({ x, shape: [64, 32] })),
  },
  {
    rule: "rank",
    severity: "error",
    where: 'main: reshape "six"',
    actual: "[1, 1, 1, 64, 1, 32]",
    broken: program((f, x) =>
      f.reshape({
        x: f.reshape({ x, shape: [1, 1, 1, 64, 1, 32] }, "six"),
        shape: [1, 64, 1, 32],
      }),
    ),
  },
  {
    rule: "extent",
    severity: "error",
    where: 'main: input "x"',
    actual: "[1, 1, 1, 65568]",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 1, 1, 65568]) }),
  },
  {
    rule: "channels",
    severity: "warning",
    where: 'main: relu "out"',
    actual: "[1, 16385, 1, 32]",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 16385, 1, 32]) }),
  },
  {
    rule: "width",
    severity: "error",
    where: 'main: input "x"',
    actual: "[1, 1, 1, 16416]",
    chip: "m2",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 1, 1, 16416]) }),
  },
  {
    rule: "width-offset",
    severity: "warning",
    where: 'main: slice_by_size "out"',
    actual: "4096",
    chip: "m1",
    broken: program((f, x) => f.slice_by_size({ x, begin: [0, 0, 0, 4096], size: [1, 1, 1, 32] }), {
      x: tensor("fp16", [1, 1, 1, 8192]),
    }),
  },
  {
    rule: "weight-file",
    severity: "error",
    where: 'main: const "w"',
    actual: '"@model_path/w.bin" at 0',
    broken: weightAt("@model_path/w.bin", 0),
  },
  {
    rule: "weight-file",
    severity: "error",
    where: 'main: const "w"',
    actual: '"w.bin" at 64',
    broken: weightAt("w.bin", 64),
  },
  {
    rule: "dialect",
    severity: "error",
    where: "main",
    actual: "1.3",
    chip: "m1",
    broken: relu,
  },
  {
    rule: "old-opset",
    severity: "warning",
    where: "main",
    actual: "ios18",
    chip: "m2",
    broken: relu,
  },
  {
    rule: "fp16-surfaces",
    severity: "error",
    where: 'main: input "x"',
    actual: "fp32",
    chip: "m1",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp32", [1, 64, 1, 32]) }),
  },
  {
    rule: "no-cast",
    severity: "error",
    where: 'main: cast "wide"',
    actual: "cast",
    chip: "m2",
    broken: program((f, x) => f.cast({ x: f.cast({ x, dtype: "fp32" }, "wide"), dtype: "fp16" })),
  },
  {
    rule: "one-blob-per-file",
    severity: "error",
    where: 'main: const "w"',
    actual: "offset 128",
    chip: "m1",
    broken: weightAt("@model_path/w.bin", 128),
  },
  {
    rule: "build-info",
    severity: "warning",
    where: "main",
    actual: "keys []",
    broken: { ...relu, buildInfo: {} },
  },
  {
    rule: "conv-bias",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "bias",
    broken: program((f, x) => {
      const weight = f.blob("w", tensor("fp16", [8, 64, 1, 1]), "@model_path/w.bin");
      const bias = f.blob("b", tensor("fp16", [8]), "@model_path/b.bin");
      return f.conv({ x, weight, bias });
    }),
  },
  {
    rule: "conv-kernel",
    severity: "error",
    where: 'main: conv "out"',
    actual: "17×17",
    broken: convolution(4, [17, 17]),
  },
  {
    rule: "conv-kernel",
    severity: "error",
    where: 'main: conv "out"',
    actual: "1×16",
    broken: convolution(4, [1, 16]),
  },
  {
    rule: "conv-kernel",
    severity: "error",
    where: 'main: conv "out"',
    actual: "32×1",
    broken: convolution(4, [32, 1]),
  },
  {
    rule: "conv-kernel-m1",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "14",
    chip: "m1",
    broken: convolution(4, [1, 14]),
  },
  {
    rule: "conv-inputs",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "32000",
    broken: convolution(32000, [1, 1]),
  },
  {
    rule: "conv-weight",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "a computed value",
    broken: program((f, x) => f.conv({ x, weight: f.reshape({ x, shape: [32, 64, 1, 1] }) })),
  },
  {
    rule: "attention-mask",
    severity: "error",
    where: 'main: scaled_dot_product_attention "out"',
    actual: "attn_mask",
    broken: rawProgram("scaled_dot_product_attention", {
      inputs: { attn_mask: { kind: "value", value: relu.functions[0]!.inputs[0]! } },
    }),
  },
  {
    rule: "matmul-flags",
    severity: "warning",
    where: 'main: matmul "out"',
    actual: "an inline value",
    broken: withLastOperation(longMatmul(32), (operation) => ({
      ...operation,
      inputs: {
        ...operation.inputs,
        transpose_y: {
          kind: "literal",
          type: tensor("bool", []),
          elements: [true],
        },
      },
    })),
  },
  {
    rule: "matmul-view",
    severity: "warning",
    where: 'main: matmul "out"',
    actual: "reshape",
    broken: program((f, x) => {
      const y = f.reshape({ x, shape: [1, 1, 64, 32] });
      return f.matmul({ x: y, y, transpose_x: true, transpose_y: false });
    }),
  },
  {
    rule: "matmul-length",
    severity: "error",
    where: 'main: matmul "out"',
    actual: "32800",
    broken: longMatmul(32800),
  },
  {
    rule: "matmul-length-old",
    severity: "error",
    where: 'main: matmul "out"',
    actual: "16416",
    chip: "m2",
    broken: longMatmul(16416),
  },
  {
    rule: "softmax-channels",
    severity: "warning",
    where: 'main: softmax "out"',
    actual: "96",
    broken: program((f, x) => f.softmax({ x, axis: -3 }), { x: tensor("fp16", [1, 96, 1, 32]) }),
  },
  {
    rule: "slice-input",
    severity: "warning",
    where: 'main: slice_by_index "out"',
    actual: "slice_by_index",
    broken: program((f, x) => f.slice_by_index({ x, begin: [0, 0, 0, 0], end: [1, 8, 1, 32] })),
  },
  {
    rule: "root-of-reduction",
    severity: "warning",
    where: 'main: sqrt "root"',
    actual: "reduce_sum",
    broken: program((f, x) => {
      const sum = f.reduce_sum({ x, axes: [1], keep_dims: true });
      return f.mul({ x, y: f.sqrt({ x: sum }, "root") });
    }),
  },
  {
    rule: "width-axis",
    severity: "warning",
    where: 'main: concat "out"',
    actual: "concat",
    chip: "m3",
    broken: program((f, x) => f.concat({ values: [x, x], axis: 3, interleave: false })),
  },
  {
    rule: "width-axis",
    severity: "warning",
    where: 'main: slice_by_size "half"',
    actual: "slice_by_size",
    chip: "m3",
    broken: program((f, x) => {
      const half = f.slice_by_size({ x, begin: [0, 0, 0, 0], size: [1, 64, 1, 16] }, "half");
      return f.reshape({ x: half, shape: [1, 32, 1, 32] });
    }),
  },
  {
    rule: "cast-target",
    severity: "warning",
    where: 'main: cast "out"',
    actual: "int32",
    broken: program((f, x) => f.cast({ x, dtype: "int32" })),
  },
  {
    rule: "fp16-arithmetic",
    severity: "warning",
    where: 'main: matmul "out"',
    actual: "fp32",
    broken: program((f, x) => f.matmul({ x, y: x, transpose_x: false, transpose_y: true }), {
      x: tensor("fp32", [1, 1, 32, 32]),
    }),
  },
  ...(["unsupported-op", "gather", "tile", "gelu", "reduce-mean", "rsqrt", "sin-cos"] as const).map(
    (rule): Case => {
      const op = DENIED[rule];
      return {
        rule,
        severity: rule === "unsupported-op" ? "error" : "warning",
        where: `main: ${op} "out"`,
        actual: op,
        ...(rule === "sin-cos" ? { chip: "m1" } : {}),
        broken: rawProgram(op),
      };
    },
  ),
];

describe("verify", () => {
  test.each(CASES.map((entry, index) => [entry.rule, index] as const))(
    "%s (case %i)",
    (_, index) => {
      const { rule, severity, where, actual, chip, broken } = CASES[index]!;
      const found = verify(broken, chip ? { chip } : {}).filter((item) => item.rule === rule);
      const definition = RULES.find(({ id }) => id === rule)!;
      expect(found).toContainEqual({
        rule,
        severity,
        where,
        message: `${definition.statement}, got ${actual}`,
        evidence: definition.evidence,
        remedy: definition.remedy,
      });
      if (chip !== undefined) {
        expect(verify(broken).filter((item) => item.rule === rule)).toEqual([]);
        expect(verify(broken, { chip: "m5" }).filter((item) => item.rule === rule)).toEqual([]);
      }
    },
  );

  test("every rule has such a program", () => {
    expect(new Set(CASES.map(({ rule }) => rule))).toEqual(new Set(RULES.map(({ id }) => id)));
  });

  test("rules have distinct ids", () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });
});
