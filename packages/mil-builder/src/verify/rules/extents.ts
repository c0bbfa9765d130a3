/** Rules about ranks, extents and sizes of tensors. */

import { isCompileTime, valuesOf } from "../../arguments.js";
import { ELEMENTWISE_BINARY_OPS } from "../../ops/elementwise-binary.js";
import { ELEMENTWISE_UNARY_OPS } from "../../ops/elementwise-unary.js";
import type { AnyValue } from "../../program.js";
import { formatShape } from "../../tensor-type.js";
import type { Chip } from "../diagnostic.js";
import { operationRule, type Rule, tensorRule } from "../rule.js";
import { bytesOf, resultType } from "../scope.js";

const MAX_RANK = 5;
const MAX_EXTENT = 65536;
const MAX_CHANNELS = 16384;
const MAX_SPATIAL_BEFORE_M3 = 16384;
const MAX_ELEMENTWISE_M1 = 16384;
const MIB = 2 ** 20;
const SLICES = ["slice_by_size", "slice_by_index"];
const ON_CHIP_MIB: Readonly<Partial<Record<Chip, number>>> = { m1: 8, m2: 16, m3: 32, m4: 32 };

const RANK = tensorRule({
  id: "rank",
  statement: `tensors have rank ${MAX_RANK} at most`,
  status: "agreed",
  evidence: "ANEForge; Core ML tensors",
  remedy: "Merge axes.",
  broken: ({ shape }) => (shape.length <= MAX_RANK ? undefined : formatShape(shape)),
});

const RANK_THREE = tensorRule({
  id: "rank-three",
  statement: "no tensor has rank 3",
  status: "single report",
  evidence: "imperatormk, on M1",
  remedy: "Add an axis of 1.",
  chips: ["m1"],
  broken: ({ shape }) => (shape.length === 3 ? formatShape(shape) : undefined),
});

const EXTENT = tensorRule({
  id: "extent",
  statement: `every axis has ${MAX_EXTENT} elements at most`,
  status: "agreed",
  evidence: "ANEForge, 751K",
  remedy: "Split the tensor.",
  broken: ({ shape }) => (exceeds(shape, MAX_EXTENT) ? formatShape(shape) : undefined),
});

const CHANNELS = tensorRule({
  id: "channels",
  statement: `computed tensors have ${MAX_CHANNELS} channels at most`,
  status: "single report",
  evidence: "libane; maderix/ANE pull request 26 splits its LM head into 16 chunks",
  remedy: "Split the channel axis.",
  broken: ({ shape }) =>
    shape.length === 4 && shape[1]! > MAX_CHANNELS ? formatShape(shape) : undefined,
});

const WIDTH = tensorRule({
  id: "width",
  statement: `spatial axes have ${MAX_SPATIAL_BEFORE_M3} elements at most`,
  status: "agreed",
  evidence: "ANEForge, 751K: up to A15",
  remedy: "Split the width.",
  chips: ["m1", "m2"],
  broken: ({ shape }) =>
    exceeds(shape.length > 3 ? shape.slice(2) : shape.slice(-1), MAX_SPATIAL_BEFORE_M3)
      ? formatShape(shape)
      : undefined,
});

const ELEMENTWISE_EXTENT = operationRule({
  id: "elementwise-extent",
  statement: `elementwise ops have ${MAX_ELEMENTWISE_M1} elements along an axis at most`,
  status: "single report",
  evidence:
    "imperatormk, on M1: more than 16384 hang; read as an extent, since maderix/ANE multiplies larger tensors there",
  remedy: "Split the tensor.",
  chips: ["m1"],
  ops: [...Object.keys(ELEMENTWISE_BINARY_OPS), ...Object.keys(ELEMENTWISE_UNARY_OPS)],
  broken(operation) {
    const shape = resultType(operation)?.shape ?? [];
    return exceeds(shape, MAX_ELEMENTWISE_M1) ? formatShape(shape) : undefined;
  },
});

const WORKING_SET = operationRule({
  id: "working-set",
  statement: "the operands and results of an op fit the chip's memory together",
  status: "conflicting",
  evidence:
    "maderix, part 2: 30 % slower beyond 32 MB on M4; libane estimates 8 MB for M1, 16 for M2, 32 for M3, 48 for M4",
  remedy: "Split the op along its output channels.",
  chips: ["m1", "m2", "m3", "m4"],
  broken(operation, { chip }) {
    const limit = chip && ON_CHIP_MIB[chip];
    if (limit === undefined || isCompileTime(operation.type)) return undefined;
    const operands = new Map<string, AnyValue>();
    for (const argument of Object.values(operation.inputs)) {
      for (const value of valuesOf(argument)) operands.set(value.name, value);
    }
    // A slice reads what it gives, not all of what it is cut from.
    const read = SLICES.includes(operation.type) ? operation.outputs : operands.values();
    let bytes = 0;
    for (const { type } of [...read, ...operation.outputs]) {
      if (type.kind === "tensor") bytes += bytesOf(type);
    }
    return bytes > limit * MIB ? `${(bytes / MIB).toFixed(1)} MiB for ${limit}` : undefined;
  },
});

function exceeds(shape: readonly number[], limit: number): boolean {
  return shape.some((dim) => dim > limit);
}

export const EXTENT_RULES: readonly Rule[] = [
  RANK,
  RANK_THREE,
  EXTENT,
  CHANNELS,
  WIDTH,
  ELEMENTWISE_EXTENT,
  WORKING_SET,
];
