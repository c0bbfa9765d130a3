/** Programs whose names, types, surfaces, sizes, weight files or header break a rule. */
import { buildProgram, tensor } from "../../src/index.js";
import type { Case } from "./case.js";
import {
  chain,
  program,
  rawProgram,
  relu,
  SURFACE,
  twoWeights,
  weightAt,
  withLastOperation,
  withMain,
} from "./programs.js";

export const BROKEN_PROGRAMS: readonly Case[] = [
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
    rule: "surface-bytes",
    severity: "warning",
    where: 'main: input "x"',
    actual: "1024 bytes (tensor<fp16, [1, 16, 1, 32]>)",
    chip: "m1",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 16, 1, 32]) }),
  },
  {
    rule: "spatial-one",
    severity: "error",
    where: 'main: output "out"',
    actual: "[1, 64, 1, 1]",
    broken: program((f, x) => f.reduce_sum({ x, axes: [3], keep_dims: true })),
  },
  {
    rule: "int8-surface",
    severity: "warning",
    where: 'main: output "out"',
    actual: "int8",
    broken: rawProgram("cast", { result: tensor("int8", [1, 64, 1, 32]) }),
  },
  {
    rule: "surface-order",
    severity: "warning",
    where: 'main: input "a"',
    actual: '"a" after "b"',
    broken: buildProgram({}, (f) => {
      const b = f.input("b", SURFACE);
      return { out: f.add({ x: b, y: f.input("a", SURFACE) }) };
    }),
  },
  {
    rule: "surface-sizes",
    severity: "warning",
    where: 'main: input "b"',
    actual: "2048 bytes after 4096",
    broken: buildProgram({}, (f) => {
      const a = f.input("a", SURFACE);
      const b = f.input("b", tensor("fp16", [1, 32, 1, 32]));
      return { out: f.concat({ values: [a, b], axis: 1, interleave: false }) };
    }),
  },
  {
    rule: "fp32-surface",
    severity: "warning",
    where: 'main: cast "half"',
    actual: "an fp32 input",
    broken: program((f, x) => f.relu({ x: f.cast({ x, dtype: "fp16" }, "half") }), {
      x: tensor("fp32", [1, 64, 1, 32]),
    }),
  },
  {
    rule: "fp32-surface",
    severity: "warning",
    where: 'main: cast "out"',
    actual: "an fp32 output",
    broken: program((f, x) => f.cast({ x: f.relu({ x }), dtype: "fp32" })),
  },
  {
    rule: "rank-three",
    severity: "warning",
    where: 'main: reshape "three"',
    actual: "[1, 64, 32]",
    chip: "m1",
    broken: program((f, x) =>
      f.reshape({ x: f.reshape({ x, shape: [1, 64, 32] }, "three"), shape: [1, 64, 1, 32] }),
    ),
  },
  {
    rule: "elementwise-extent",
    severity: "warning",
    where: 'main: add "out"',
    actual: "[1, 1, 1, 16416]",
    chip: "m1",
    broken: program((f, x) => f.add({ x, y: x }), { x: tensor("fp16", [1, 1, 1, 16416]) }),
  },
  {
    rule: "working-set",
    severity: "warning",
    where: 'main: relu "out"',
    actual: "16.0 MiB for 8",
    chip: "m1",
    broken: program((f, x) => f.relu({ x }), { x: tensor("fp16", [1, 4096, 1, 1024]) }),
  },
  {
    rule: "weight-dtype",
    severity: "error",
    where: 'main: const "w"',
    actual: "tensor<bool, [1, 64, 1, 32]>",
    broken: weightAt("@model_path/w.bin", 64, tensor("bool", [1, 64, 1, 32])),
  },
  {
    rule: "weight-conflict",
    severity: "error",
    where: 'main: const "w2"',
    actual: "tensor<fp16, [512, 512, 1, 1]> and tensor<fp16, [64, 512, 1, 1]> at 64",
    broken: twoWeights(512, 64),
  },
  {
    rule: "single-file-channels",
    severity: "warning",
    where: 'main: conv "first"',
    actual: "256 to 256",
    chip: "m3",
    broken: twoWeights(256, 256),
  },
  {
    rule: "dialect-os",
    severity: "error",
    where: "main",
    actual: "1.3",
    os: "macos14",
    broken: relu,
  },
  ...(
    [
      ["macos12", "ios16"],
      ["macos13", "ios17"],
      ["macos14", "ios18"],
      ["macos15", "ios26"],
    ] as const
  ).map(
    ([os, opset]): Case => ({
      rule: `opset-${os}`,
      severity: "error",
      where: "main",
      actual: opset,
      os,
      broken: withMain(relu, (main) => ({ ...main, opset })),
    }),
  ),
];
