/** For each rule a program that keeps it, near the border where there is one. */
import { buildProgram, type Program, tensor } from "../../src/index.js";
import {
  chain,
  convolution,
  fusedAttention,
  longMatmul,
  pooling,
  program,
  rawProgram,
  relu,
  SURFACE,
  topk,
  twoWeights,
  weightAt,
  withMain,
} from "./programs.js";

const wide = (width: number) =>
  program((f, x) => f.add({ x, y: x }), { x: tensor("fp16", [1, 1, 1, width]) });
const channels = (count: number) =>
  program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, count, 1, 32]) });
const first = program((f, x) => f.relu({ x }), { opset: "ios16", version: "1.0" });
const inOpset = (opset: "ios15" | "ios16" | "ios17" | "ios18") =>
  withMain(relu, (main) => ({ ...main, opset }));
const narrow = program((f, x) => f.cast({ x: f.cast({ x, dtype: "int8" }), dtype: "fp16" }));
const channelSlice = program((f, x) =>
  f.slice_by_size({ x: f.relu({ x }), begin: [0, 32, 0, 0], size: [1, 32, 1, 32] }),
);
const indexed = program((f, x) =>
  f.slice_by_index({ x: f.relu({ x }), begin: [0, 0, 0, 0], end: [1, 8, 1, 32] }),
);
const projected = program((f, x) => {
  const weight = f.blob("w", tensor("fp16", [8, 64, 1, 1]), "@model_path/w.bin");
  return f.conv({ x, weight });
});
const normalized = program((f, x) => {
  const sum = f.reduce_sum({ x, axes: [1], keep_dims: true });
  const shifted = f.add({ x: f.mul({ x: sum, y: 0.5 }), y: 1 });
  return f.mul({ x, y: f.rsqrt({ x: shifted, epsilon: 2 ** -17 }) });
});
const joined = buildProgram({}, (f) => {
  const values = [f.input("a", SURFACE), f.input("b", SURFACE)];
  return { out: f.concat({ values, axis: 1, interleave: false }) };
});
const turned = program((f, x) => {
  const rows = f.transpose({ x: f.relu({ x }), perm: [0, 2, 1, 3] });
  return f.matmul({ x: rows, y: rows, transpose_x: true, transpose_y: false });
});

export const KEPT: Readonly<Record<string, Program>> = {
  "duplicate-name": chain,
  "use-before-definition": chain,
  "dead-result": chain,
  "unknown-op": relu,
  opset: rawProgram("scaled_dot_product_attention"),
  "result-type": relu,
  "op-arguments": relu,
  dialect: first,
  "dialect-os": first,
  "opset-macos12": inOpset("ios15"),
  "opset-macos13": inOpset("ios16"),
  "opset-macos14": inOpset("ios17"),
  "opset-macos15": inOpset("ios18"),
  "old-opset": first,
  "fp16-surfaces": relu,
  "no-cast": relu,
  "build-info": relu,
  "row-alignment": program((f, x) => f.relu({ x }), { x: tensor("fp32", [1, 64, 1, 16]) }),
  "surface-bytes": channels(32),
  "spatial-one": program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 64, 32, 1]) }),
  "surface-dtype": program((f, x) => f.cast({ x, dtype: "uint16" })),
  "int8-surface": narrow,
  "surface-rank": relu,
  "surface-order": joined,
  "surface-sizes": joined,
  "fp32-surface": narrow,
  rank: program((f, x) =>
    f.reshape({ x: f.reshape({ x, shape: [1, 1, 64, 1, 32] }), shape: [1, 64, 1, 32] }),
  ),
  "rank-three": program((f, x) =>
    f.reshape({ x: f.reshape({ x, shape: [64, 32] }), shape: [1, 64, 1, 32] }),
  ),
  extent: wide(65536),
  channels: channels(16384),
  width: wide(16384),
  "elementwise-extent": wide(16384),
  "working-set": program(
    (f, x) => f.slice_by_size({ x, begin: [0, 0, 0, 0], size: [1, 2048, 1, 1024] }),
    { x: tensor("fp16", [1, 8192, 1, 1024]) },
  ),
  "weight-file": weightAt("@model_path/w.bin", 128),
  "weight-dtype": weightAt("@model_path/w.bin", 64, tensor("uint4", [1, 64, 1, 32])),
  "weight-conflict": twoWeights(64, 64),
  "one-blob-per-file": weightAt("@model_path/w.bin", 64),
  "single-file-channels": twoWeights(512, 512),
  "int8-weights-m3": rawProgram("constexpr_affine_dequantize", {
    attributes: {
      quantized_data: {
        kind: "blob",
        type: tensor("uint8", [1, 64, 1, 32]),
        path: "@model_path/w.bin",
        offset: 64,
      },
    },
  }),
  "cast-target": narrow,
  "int32-tensor": narrow,
  "integer-to-fp16": narrow,
  "fp16-arithmetic": projected,
  "conv-bias": projected,
  "conv-kernel": convolution(4, [31, 1]),
  "conv-kernel-m1": convolution(4, [1, 13]),
  "conv-compile-time": convolution(4, [15, 15]),
  "conv-channels-m1": convolution(96, [1, 1]),
  "conv-inputs": convolution(31999, [1, 1]),
  "conv-weight": projected,
  "pool-window": pooling(8),
  "attention-mask": rawProgram("scaled_dot_product_attention"),
  "fused-attention-length": fusedAttention(511, 2048),
  "matmul-flags": turned,
  "matmul-view": turned,
  "matmul-length": longMatmul(32768),
  "matmul-length-old": longMatmul(16384),
  "softmax-channels": program((f, x) => f.softmax({ x, axis: 1 })),
  "root-of-reduction": normalized,
  "zero-product": normalized,
  "constant-range": program((f, x) => f.add({ x, y: -65504 })),
  "small-argument": normalized,
  "batch-broadcast": normalized,
  "channel-broadcast": normalized,
  "concat-interleave": joined,
  "slice-input": indexed,
  "dynamic-slice": channelSlice,
  "moved-input": turned,
  "width-axis": program(
    (f, x) => f.slice_by_size({ x, begin: [0, 0, 0, 32], size: [1, 64, 1, 32] }),
    { x: tensor("fp16", [1, 64, 1, 64]) },
  ),
  "width-offset": program(
    (f, x) => f.slice_by_size({ x, begin: [0, 0, 0, 4094], size: [1, 1, 1, 32] }),
    { x: tensor("fp16", [1, 1, 1, 8192]) },
  ),
  "unsupported-op": relu,
  gather: channelSlice,
  tile: joined,
  gelu: program((f, x) => f.silu({ x })),
  "reduce-mean": normalized,
  rsqrt: program((f, x) => f.pow({ x, y: -0.5 })),
  "sin-cos": relu,
  "topk-count": topk(5),
};
