/** Programs of which an op breaks a rule. */
import { tensor } from "../../src/index.js";
import type { Case } from "./case.js";
import {
  convolution,
  fusedAttention,
  longMatmul,
  pooling,
  program,
  rawProgram,
  relu,
  SURFACE,
  topk,
  withLastOperation,
} from "./programs.js";

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

export const BROKEN_OPS: readonly Case[] = [
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
    rule: "no-cast",
    severity: "error",
    where: 'main: cast "wide"',
    actual: "cast",
    chip: "m2",
    broken: program((f, x) => f.cast({ x: f.cast({ x, dtype: "fp32" }, "wide"), dtype: "fp16" })),
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
      const computed = f.relu({ x });
      const size = [1, 64, 1, 16] as const;
      const half = f.slice_by_size({ x: computed, begin: [0, 0, 0, 0], size }, "half");
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
  {
    rule: "int8-weights-m3",
    severity: "warning",
    where: 'main: constexpr_affine_dequantize "out"',
    actual: "int8",
    chip: "m3",
    broken: rawProgram("constexpr_affine_dequantize", {
      attributes: {
        quantized_data: {
          kind: "blob",
          type: tensor("int8", [1, 64, 1, 32]),
          path: "@model_path/w.bin",
          offset: 64,
        },
      },
    }),
  },
  {
    rule: "int32-tensor",
    severity: "error",
    where: 'main: cast "whole"',
    actual: "int32",
    broken: program((f, x) => f.cast({ x: f.cast({ x, dtype: "int32" }, "whole"), dtype: "fp16" })),
  },
  {
    rule: "integer-to-fp16",
    severity: "warning",
    where: 'main: cast "out"',
    actual: "int16",
    broken: program((f, x) => f.cast({ x, dtype: "fp16" }), {
      x: tensor("int16", [1, 64, 1, 32]),
    }),
  },
  {
    rule: "conv-compile-time",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "16×16",
    broken: convolution(4, [16, 16]),
  },
  {
    rule: "conv-channels-m1",
    severity: "warning",
    where: 'main: conv "out"',
    actual: "48",
    chip: "m1",
    broken: convolution(48, [1, 1]),
  },
  {
    rule: "pool-window",
    severity: "error",
    where: 'main: max_pool "out"',
    actual: "9×9",
    broken: pooling(9),
  },
  {
    rule: "fused-attention-length",
    severity: "warning",
    where: 'main: scaled_dot_product_attention "out"',
    actual: "512 queries and 512 keys",
    broken: fusedAttention(512, 512),
  },
  {
    rule: "fused-attention-length",
    severity: "warning",
    where: 'main: scaled_dot_product_attention "out"',
    actual: "32 queries and 2080 keys",
    broken: fusedAttention(32, 2080),
  },
  {
    rule: "zero-product",
    severity: "warning",
    where: 'main: mul "zero"',
    actual: "reduce_sum",
    broken: program((f, x) => {
      const sum = f.reduce_sum({ x, axes: [1], keep_dims: true });
      return f.add({ x, y: f.mul({ x: sum, y: 0 }, "zero") });
    }),
  },
  {
    rule: "constant-range",
    severity: "error",
    where: 'main: const "fp16_mInfinity"',
    actual: "-Infinity",
    broken: program((f, x) => f.add({ x, y: Number.NEGATIVE_INFINITY })),
  },
  {
    rule: "small-argument",
    severity: "warning",
    where: 'main: log "out"',
    actual: "1e-45",
    broken: program((f, x) => f.log({ x })),
  },
  {
    rule: "batch-broadcast",
    severity: "warning",
    where: 'main: mul "out"',
    actual: "[2, 64, 1, 32] and [1, 64, 1, 32]",
    broken: program((f, x) => f.mul({ x, y: f.blob("w", SURFACE, "@model_path/w.bin") }), {
      x: tensor("fp16", [2, 64, 1, 32]),
    }),
  },
  {
    rule: "channel-broadcast",
    severity: "warning",
    where: 'main: add "sum"',
    actual: "[1, 64, 1]",
    chip: "m1",
    broken: program((f, x) => {
      const three = f.reshape({ x, shape: [1, 64, 32] });
      const column = f.blob("w", tensor("fp16", [1, 64, 1]), "@model_path/w.bin");
      return f.reshape({ x: f.add({ x: three, y: column }, "sum"), shape: [1, 64, 1, 32] });
    }),
  },
  {
    rule: "concat-interleave",
    severity: "warning",
    where: 'main: concat "out"',
    actual: "no interleave",
    broken: withLastOperation(
      program((f, x) => f.concat({ values: [x, x], axis: 1, interleave: false })),
      ({ inputs: { interleave: _, ...inputs }, ...operation }) => ({ ...operation, inputs }),
    ),
  },
  {
    rule: "dynamic-slice",
    severity: "warning",
    where: 'main: slice_by_size "out"',
    actual: "a computed begin",
    broken: rawProgram("slice_by_size", {
      inputs: { begin: { kind: "value", value: { name: "x", type: tensor("int32", [4]) } } },
    }),
  },
  {
    rule: "moved-input",
    severity: "warning",
    where: 'main: transpose "out"',
    actual: "transpose",
    chip: "m1",
    broken: program((f, x) => f.transpose({ x, perm: [0, 3, 2, 1] })),
  },
  {
    rule: "topk-count",
    severity: "warning",
    where: 'main: topk "out"',
    actual: "3",
    broken: topk(3),
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
