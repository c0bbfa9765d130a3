/**
 * Palettes of iOS18: each block of indices has a table lut[block, entry, element]; entries are single elements, or vectors laid
 * out along `vector_axis`. Source: coremltools iOS18 compression.py.
 */
import { DTYPES } from "../dtype.js";
import { BlockIndex } from "../evaluate/block-index.js";
import { denseStrides } from "../evaluate/strided.js";
import { absent, integer, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope } from "../op-definition.js";
import type { DType, TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, tensor } from "../tensor-type.js";
import { checkMask, MASK } from "./compression-sparse.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

const TYPES = {
  IndicesT: { domain: ["uint1", "uint2", "uint3", "uint4", "uint6", "uint8"] },
  T: { domain: ["int8", "uint8", "fp16", "fp32"] },
} as const;

/** The shape of the indices, longer along `axis` by the length of the palette's vectors. */
function expandedShape(
  shape: readonly number[],
  dtype: DType,
  lut: TensorType,
  axis: number | undefined,
  scope: InferScope,
): readonly number[] {
  const rank = shape.length;
  const divides = shape.every((dim, i) => dim % lut.shape[i]! === 0);
  if (rank === 0 || lut.shape.length !== rank + 2 || !divides) {
    throw scope.error(
      '"lut" must have two dims more than the indices, the others dividing theirs',
      `divisors of ${formatShape(shape)}, entries, vector length`,
      formatShape(lut.shape),
    );
  }
  const entries = 2 ** DTYPES[dtype].bits;
  if (lut.shape[rank] !== entries) {
    const rule = `"lut" must have an entry per value of ${dtype}`;
    throw scope.error(rule, `${entries} in dim -2`, formatShape(lut.shape));
  }
  const length = lut.shape[rank + 1]!;
  const along = axis === undefined ? 0 : positiveAxis("vector_axis", axis, rank, scope);
  if (axis === undefined && length > 1) {
    throw scope.error('entries that are vectors need a "vector_axis"', "an axis", "none");
  }
  return shape.map((dim, i) => (i === along ? dim * length : dim));
}

/**
 * Calls `visit` for each element of the expanded shape, in row-major order: the index of its entry, where that entry begins in
 * the block's table, and the position in the entry's vector.
 */
function visitExpanded(
  shape: readonly number[],
  lut: TensorType,
  axis: number | undefined,
  visit: (source: number, table: number, element: number) => void,
): void {
  const rank = shape.length;
  const [entries, length] = lut.shape.slice(rank) as [number, number];
  const along = wrapAxis(axis ?? 0, rank);
  const inner = denseStrides(shape)[along]!;
  const outer = shape.slice(0, along + 1).reduce((product, dim) => product * dim, 1);
  const blocks = new BlockIndex(shape, lut.shape.slice(0, rank));
  for (let row = 0; row < outer; row++) {
    for (let element = 0; element < length; element++) {
      for (let i = 0; i < inner; i++) {
        const source = row * inner + i;
        visit(source, blocks.at(source) * entries * length, element);
      }
    }
  }
}

export const constexprLutToDenseIos18 = defineOp({
  type: "constexpr_lut_to_dense",
  summary: "lut[index], one table per block; entries may be vectors along vector_axis",
  since: "ios18",
  types: TYPES,
  inputs: {
    indices: tensorInput("IndicesT", true),
    lut: tensorInput("T", true),
    vector_axis: absent(integer(), "entries are scalars"),
  },
  infer: ({ indices, lut, vector_axis }, scope) =>
    tensor(lut.dtype, expandedShape(indices.shape, indices.dtype, lut, vector_axis, scope)),
  evaluate: ({ indices, lut, vector_axis }, [out]) => {
    const length = lut.type.shape.at(-1)!;
    let position = 0;
    visitExpanded(indices.type.shape, lut.type, vector_axis, (source, table, element) => {
      out.data[position++] = lut.data[table + indices.data[source]! * length + element]!;
    });
  },
});

export const constexprLutToSparse = defineOp({
  type: "constexpr_lut_to_sparse",
  summary: "lut[index] of the elements that the mask names, and the mask; entries may be vectors",
  since: "ios18",
  types: { ...TYPES, MaskT: MASK },
  inputs: {
    indices_mask: tensorInput("MaskT", true),
    indices_nonzero_data: tensorInput("IndicesT", true),
    lut: tensorInput("T", true),
    vector_axis: absent(integer(), "entries are scalars"),
  },
  results: ["mask", "nonzero_data"],
  infer: (
    { indices_mask, indices_nonzero_data, lut, vector_axis },
    scope,
  ): readonly TensorType[] => {
    checkMask("indices_mask", indices_nonzero_data, scope);
    const { dtype, shape } = indices_nonzero_data;
    const expanded = expandedShape(indices_mask.shape, dtype, lut, vector_axis, scope);
    return [
      tensor("uint1", expanded),
      tensor(lut.dtype, [shape[0]! * lut.shape[lut.shape.length - 1]!]),
    ];
  },
  evaluate: ({ indices_mask, indices_nonzero_data, lut, vector_axis }, [mask, out]) => {
    const length = lut.type.shape.at(-1)!;
    const order = positionsOfOnes(indices_mask);
    let position = 0;
    let next = 0;
    visitExpanded(indices_mask.type.shape, lut.type, vector_axis, (source, table, element) => {
      const bit = indices_mask.data[source]!;
      mask.data[position++] = bit;
      if (bit === 0) return;
      const entry = indices_nonzero_data.data[order[source]!]!;
      out!.data[next++] = lut.data[table + entry * length + element]!;
    });
  },
});

/** For each element that the mask names, how many it names before. */
function positionsOfOnes({ data }: Tensor): Int32Array {
  let count = 0;
  return Int32Array.from(data, (bit) => (bit === 0 ? count : count++));
}
