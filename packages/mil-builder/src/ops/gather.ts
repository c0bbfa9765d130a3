/** Ops that pick elements by index. Source: coremltools iOS15 to iOS17 scatter_gather.py. */
import { axisView } from "../evaluate/along-axis.js";
import { denseStrides } from "../evaluate/strided.js";
import { from, integer, optional, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, NUMBERS } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, elementCount, formatShape, tensor } from "../tensor-type.js";
import { checkIndices, INDEX_DTYPES, insideIndex, VALIDATE_INDICES } from "./indices.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

const TYPES = {
  T: { domain: { ios15: NUMBERS, ios17: [...NUMBERS, "int16", "uint16", "int8", "uint8"] } },
  I: { domain: INDEX_DTYPES },
} as const;

const BATCH_DIMS = from("ios16", optional(integer(), 0));

function checkBatch(
  batch: number,
  x: TensorType,
  indices: TensorType,
  most: number,
  scope: InferScope,
): void {
  const agree = x.shape
    .slice(0, batch)
    .every((dim, axis) => dimsAgree(dim, indices.shape[axis] ?? 0));
  if (batch < 0 || batch > most || !agree) {
    const rule = '"batch_dims" must be leading dims that x and indices share';
    const actual = `${batch} of ${formatShape(x.shape)} and ${formatShape(indices.shape)}`;
    throw scope.error(rule, `0..${most}, equal dims`, actual);
  }
}

/** Indices replace the axis: x.shape[:axis] + indices.shape[batch_dims:] + x.shape[axis + 1:]. */
const gather = defineOp({
  type: "gather",
  summary: "the slices of x along axis that indices name",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    indices: tensorInput("I"),
    axis: optional(integer(), 0),
    batch_dims: BATCH_DIMS,
    validate_indices: VALIDATE_INDICES,
  },
  infer: ({ x, indices, axis, batch_dims, validate_indices }, scope) => {
    const along = positiveAxis("axis", axis, x.shape.length, scope);
    checkBatch(batch_dims, x, indices, Math.min(along, indices.shape.length), scope);
    if (validate_indices) checkIndices([x.shape[along]!], scope);
    const picked = indices.shape.slice(batch_dims);
    return tensor(x.dtype, [...x.shape.slice(0, along), ...picked, ...x.shape.slice(along + 1)]);
  },
  evaluate: ({ x, indices, axis, batch_dims }, [out]) => {
    const along = wrapAxis(axis, x.type.shape.length);
    const { outer, length, inner } = axisView(x.type.shape, along);
    const batches = elementCount(x.type.shape.slice(0, batch_dims));
    const perBatch = indices.data.length / batches;
    let at = 0;
    for (let block = 0; block < outer; block++) {
      const batch = Math.floor((block * batches) / outer);
      for (let i = 0; i < perBatch; i++) {
        const index = insideIndex("gather", indices.data[batch * perBatch + i]!, length);
        const start = (block * length + index) * inner;
        out.data.set(x.data.subarray(start, start + inner), at);
        at += inner;
      }
    }
  },
});

/** result[..., i, ...] = x[..., indices[..., i, ...], ...] */
const gatherAlongAxis = defineOp({
  type: "gather_along_axis",
  summary: "for every index the element of x at that place of its own line",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    indices: tensorInput("I"),
    axis: optional(integer(), 0),
    validate_indices: VALIDATE_INDICES,
  },
  infer: ({ x, indices, axis, validate_indices }, scope) => {
    const along = positiveAxis("axis", axis, x.shape.length, scope);
    const agree =
      indices.shape.length === x.shape.length &&
      indices.shape.every((dim, i) => i === along || dimsAgree(dim, x.shape[i]!));
    if (!agree) {
      const rule = `"indices" must have the dims of x, except dim ${along}`;
      throw scope.error(rule, formatShape(x.shape), formatShape(indices.shape));
    }
    if (validate_indices) checkIndices([x.shape[along]!], scope);
    return tensor(x.dtype, indices.shape);
  },
  evaluate: ({ x, indices, axis }, [out]) => {
    const along = wrapAxis(axis, x.type.shape.length);
    const { length, inner } = axisView(x.type.shape, along);
    const own = indices.type.shape[along]! * inner;
    indices.data.forEach((given, i) => {
      const index = insideIndex("gather_along_axis", given, length);
      out.data[i] = x.data[(Math.floor(i / own) * length + index) * inner + (i % inner)]!;
    });
  },
});

/** The last dim of indices is a position in x (after the batch dims); what is behind it is copied. */
const gatherNd = defineOp({
  type: "gather_nd",
  summary: "the slices of x at the positions in the last dim of indices",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    indices: tensorInput("I"),
    batch_dims: BATCH_DIMS,
    validate_indices: VALIDATE_INDICES,
  },
  infer: ({ x, indices, batch_dims, validate_indices }, scope) => {
    const most = Math.min(x.shape.length, indices.shape.length - 1);
    checkBatch(batch_dims, x, indices, most, scope);
    const depth = indices.shape.at(-1);
    if (depth === undefined || !(batch_dims + depth <= x.shape.length)) {
      const rule = 'the last dim of "indices" must be a position in x';
      const expected = `at most ${x.shape.length - batch_dims}`;
      throw scope.error(rule, expected, formatShape(indices.shape));
    }
    if (validate_indices) checkIndices(x.shape.slice(batch_dims, batch_dims + depth), scope);
    return tensor(x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(batch_dims + depth)]);
  },
  evaluate: ({ x, indices, batch_dims }, [out]) => {
    const { shape } = x.type;
    const depth = indices.type.shape.at(-1)!;
    const strides = denseStrides(shape);
    const batches = elementCount(shape.slice(0, batch_dims));
    const batchSize = x.data.length / batches;
    const positions = indices.data.length / depth;
    const size = out.data.length / positions;
    for (let i = 0; i < positions; i++) {
      let start = Math.floor((i * batches) / positions) * batchSize;
      for (let component = 0; component < depth; component++) {
        const axis = batch_dims + component;
        const given = indices.data[i * depth + component]!;
        start += insideIndex("gather_nd", given, shape[axis]!) * strides[axis]!;
      }
      out.data.set(x.data.subarray(start, start + size), i * size);
    }
  },
});

export const GATHERING_OPS = {
  gather,
  gather_along_axis: gatherAlongAxis,
  gather_nd: gatherNd,
} as const;
