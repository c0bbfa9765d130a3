/**
 * Ops that change elements by index: data with `updates` combined into it. An index that repeats is combined again. Source:
 * coremltools iOS15 and iOS17 scatter_gather.py (whose default mode is "add", though its documentation says "update").
 */
import { axisView } from "../evaluate/along-axis.js";
import { denseStrides } from "../evaluate/strided.js";
import { choice, integer, optional, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, NUMBERS } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, formatShape, shapesAgree } from "../tensor-type.js";
import { checkIndices, insideIndex, VALIDATE_INDICES } from "./indices.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

const COMBINE = {
  add: (old: number, update: number) => old + update,
  sub: (old: number, update: number) => old - update,
  mul: (old: number, update: number) => old * update,
  div: (old: number, update: number) => old / update,
  max: Math.max,
  min: Math.min,
  update: (_: number, update: number) => update,
} as const;

const TYPES = { T: { domain: NUMBERS }, I: { domain: ["int32"] } } as const;
const INPUTS = {
  data: tensorInput("T"),
  indices: tensorInput("I"),
  updates: tensorInput("T"),
  mode: optional(choice(["add", "sub", "mul", "div", "max", "min", "update"]), "add"),
  validate_indices: VALIDATE_INDICES,
} as const;

function checkUpdates(updates: TensorType, expected: readonly number[], scope: InferScope): void {
  if (!shapesAgree(updates.shape, expected)) {
    const rule = '"updates" must have the shape of what indices name';
    throw scope.error(rule, formatShape(expected), formatShape(updates.shape));
  }
}

/** Slice `indices[i]` along axis is combined with slice i of updates. */
const scatter = defineOp({
  type: "scatter",
  summary: "data with slices of updates combined into the slices along axis that indices name",
  since: "ios15",
  types: TYPES,
  inputs: { ...INPUTS, axis: optional(integer(), 0) },
  infer: ({ data, indices, updates, axis, validate_indices }, scope) => {
    const { shape } = data;
    const along = positiveAxis("axis", axis, shape.length, scope);
    const expected = [...shape.slice(0, along), ...indices.shape, ...shape.slice(along + 1)];
    checkUpdates(updates, expected, scope);
    if (validate_indices) checkIndices([shape[along]!], scope);
    return data;
  },
  evaluate: ({ data, indices, updates, axis, mode }, [out]) => {
    out.data.set(data.data);
    const { shape } = data.type;
    const { length, inner } = axisView(shape, wrapAxis(axis, shape.length));
    const perBlock = indices.data.length * inner;
    updates.data.forEach((update, i) => {
      const given = indices.data[Math.floor((i % perBlock) / inner)]!;
      const index = insideIndex("scatter", given, length);
      const target = (Math.floor(i / perBlock) * length + index) * inner + (i % inner);
      out.data[target] = COMBINE[mode](out.data[target]!, update);
    });
  },
});

/** result[..., indices[..., i, ...], ...] is combined with updates[..., i, ...]. */
const scatterAlongAxis = defineOp({
  type: "scatter_along_axis",
  summary: "data with every update combined into the index's place of its own line",
  since: "ios15",
  types: TYPES,
  inputs: { ...INPUTS, axis: optional(integer(), 0) },
  infer: ({ data, indices, updates, axis, validate_indices }, scope) => {
    const { shape } = data;
    const along = positiveAxis("axis", axis, shape.length, scope);
    const agree =
      indices.shape.length === shape.length &&
      indices.shape.every((dim, i) => i === along || dimsAgree(dim, shape[i]!));
    if (!agree) {
      const rule = `"indices" must have the dims of data, except dim ${along}`;
      throw scope.error(rule, formatShape(shape), formatShape(indices.shape));
    }
    checkUpdates(updates, indices.shape, scope);
    if (validate_indices) checkIndices([shape[along]!], scope);
    return data;
  },
  evaluate: ({ data, indices, updates, axis, mode }, [out]) => {
    out.data.set(data.data);
    const along = wrapAxis(axis, data.type.shape.length);
    const { length, inner } = axisView(data.type.shape, along);
    const own = indices.type.shape[along]! * inner;
    updates.data.forEach((update, i) => {
      const index = insideIndex("scatter_along_axis", indices.data[i]!, length);
      const target = (Math.floor(i / own) * length + index) * inner + (i % inner);
      out.data[target] = COMBINE[mode](out.data[target]!, update);
    });
  },
});

/** The last dim of indices is a position in data; the slice behind it is combined with one of updates. */
const scatterNd = defineOp({
  type: "scatter_nd",
  summary: "data with slices of updates combined in at the positions in the last dim of indices",
  since: "ios15",
  types: TYPES,
  inputs: INPUTS,
  infer: ({ data, indices, updates, validate_indices }, scope) => {
    const depth = indices.shape.at(-1);
    if (depth === undefined || !(depth <= data.shape.length)) {
      const rule = 'the last dim of "indices" must be a position in data';
      throw scope.error(rule, `at most ${data.shape.length}`, formatShape(indices.shape));
    }
    checkUpdates(updates, [...indices.shape.slice(0, -1), ...data.shape.slice(depth)], scope);
    if (validate_indices) checkIndices(data.shape.slice(0, depth), scope);
    return data;
  },
  evaluate: ({ data, indices, updates, mode }, [out]) => {
    out.data.set(data.data);
    const { shape } = data.type;
    const depth = indices.type.shape.at(-1)!;
    const strides = denseStrides(shape);
    const positions = indices.data.length / depth;
    const size = updates.data.length / positions;
    for (let i = 0; i < positions; i++) {
      let start = 0;
      for (let axis = 0; axis < depth; axis++) {
        const given = indices.data[i * depth + axis]!;
        start += insideIndex("scatter_nd", given, shape[axis]!) * strides[axis]!;
      }
      for (let j = 0; j < size; j++) {
        out.data[start + j] = COMBINE[mode](out.data[start + j]!, updates.data[i * size + j]!);
      }
    }
  },
});

export const SCATTERING_OPS = {
  scatter,
  scatter_along_axis: scatterAlongAxis,
  scatter_nd: scatterNd,
} as const;
