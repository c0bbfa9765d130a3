/** Ops that make tensors of few distinct values, or of positions. Source: coremltools iOS15 and iOS16 tensor_operation.py. */

import { axisView } from "../evaluate/along-axis.js";
import { denseStrides } from "../evaluate/strided.js";
import { count, element, integer, optional, positions, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, isComputed, NUMBERS } from "../op-definition.js";
import { type DType, type TensorType, UNKNOWN_DIM } from "../program.js";
import { formatShape, formatType, tensor } from "../tensor-type.js";
import { positiveAxis, unknownShape, wrapAxis } from "./shape-rules.js";

const ANY = [...NUMBERS, "bool"] as const satisfies readonly DType[];

const fill = defineOp({
  type: "fill",
  summary: "a tensor of a shape, every element value",
  since: "ios15",
  types: { T: { domain: ANY } },
  inputs: { shape: positions(["int32"]), value: optional(element("T"), 0) },
  infer: ({ shape }, scope) => {
    const dtype = scope.dtypeOf("value") ?? "fp32";
    if (isComputed(shape)) return tensor(dtype, unknownShape(shape, scope));
    if (shape.some((dim) => dim < 1)) {
      throw scope.error('"shape" must be positive', "1 or more", formatShape(shape));
    }
    return tensor(dtype, shape);
  },
  evaluate: ({ value }, [out]) => {
    out.data.fill(value);
  },
});

const fillLike = defineOp({
  type: "fill_like",
  summary: "a tensor of the shape of ref_tensor, every element value",
  since: "ios16",
  types: { T: { domain: ANY }, U: { domain: ANY } },
  inputs: { ref_tensor: tensorInput("T"), value: optional(element("U"), 0) },
  infer: ({ ref_tensor }, scope) => tensor(scope.dtypeOf("value") ?? "fp32", ref_tensor.shape),
  evaluate: ({ value }, [out]) => {
    out.data.fill(value);
  },
});

/** start, start + step, ... below end (above it, if step is negative). */
const range1d = defineOp({
  type: "range_1d",
  summary: "start, start + step, ... up to end, which is excluded",
  since: "ios15",
  types: { T: { domain: NUMBERS } },
  inputs: { end: tensorInput("T"), start: tensorInput("T"), step: tensorInput("T") },
  infer: ({ end, start, step }, scope) => {
    for (const [name, type] of Object.entries({ end, start, step })) {
      if (type.shape.length > 0) {
        throw scope.error(`"${name}" must be a scalar`, "a scalar", formatType(type));
      }
    }
    const [last, first, by] = ["end", "start", "step"].map((name) => scope.elementsOf(name)?.[0]);
    if (by === 0) throw scope.error('"step" must not be 0', "positive or negative", "0");
    if (last === undefined || first === undefined || by === undefined) {
      return tensor(end.dtype, [UNKNOWN_DIM]);
    }
    const length = Math.ceil((last - first) / by);
    if (!(length >= 1)) {
      const expected = "at least one element";
      throw scope.error("the range must not be empty", expected, `${first}..${last} by ${by}`);
    }
    return tensor(end.dtype, [length]);
  },
  evaluate: ({ start, step }, [out]) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = start.data[0]! + i * step.data[0]!;
  },
});

/** A new dim at `axis`: on_value at the index, off_value elsewhere; nowhere for an index outside. */
const oneHot = defineOp({
  type: "one_hot",
  summary: "for each index a vector with on_value there and off_value elsewhere",
  since: "ios15",
  types: { I: { domain: ["int32"] }, T: { domain: ANY } },
  inputs: {
    indices: tensorInput("I"),
    one_hot_vector_size: count(),
    axis: optional(integer(), -1),
    on_value: optional(element("T"), 1),
    off_value: optional(element("T"), 0),
  },
  infer: ({ indices, one_hot_vector_size: size, axis }, scope) => {
    const shape = [...indices.shape];
    const at = positiveAxis("axis", axis, shape.length + 1, scope);
    if (!isComputed(size) && size < 1) {
      throw scope.error('"one_hot_vector_size" must be positive', "1 or more", `${size}`);
    }
    shape.splice(at, 0, isComputed(size) ? UNKNOWN_DIM : size);
    return tensor(scope.dtypeOf("on_value") ?? scope.dtypeOf("off_value") ?? "int32", shape);
  },
  evaluate: ({ indices, axis, on_value, off_value }, [out]) => {
    out.data.fill(off_value);
    const { length, inner } = axisView(out.type.shape, wrapAxis(axis, out.type.shape.length));
    indices.data.forEach((index, i) => {
      if (index < 0 || index >= length) return;
      const block = Math.floor(i / inner);
      out.data[(block * length + index) * inner + (i % inner)] = on_value;
    });
  },
});

/** Keeps x[m, n] where m - n <= lower and n - m <= upper; a negative bound keeps all. */
const bandPart = defineOp({
  type: "band_part",
  summary: "the last two dims with zeros outside a band around the diagonal",
  since: "ios15",
  types: { T: { domain: ANY } },
  inputs: {
    x: tensorInput("T"),
    lower: optional(integer(), -1),
    upper: optional(integer(), -1),
  },
  infer: ({ x }, scope) => {
    if (x.shape.length >= 2) return x;
    throw scope.error('"x" must hold matrices', "rank 2 or more", formatShape(x.shape));
  },
  evaluate: ({ x, lower, upper }, [out]) => {
    const [rows, columns] = x.type.shape.slice(-2) as [number, number];
    for (let i = 0; i < x.data.length; i++) {
      const n = i % columns;
      const m = Math.floor(i / columns) % rows;
      const inside = (lower < 0 || m - n <= lower) && (upper < 0 || n - m <= upper);
      out.data[i] = inside ? x.data[i]! : 0;
    }
  },
});

function nonZeroCount(data: Float64Array): number {
  return data.reduce((total, value) => total + (value === 0 ? 0 : 1), 0);
}

const nonZero = defineOp({
  type: "non_zero",
  summary: "positions of the elements that are not 0, one per row",
  since: "ios15",
  types: { T: { domain: ANY } },
  inputs: { x: tensorInput("T") },
  infer: ({ x }, scope: InferScope): TensorType => {
    if (x.shape.length === 0)
      throw scope.error('"x" must have a dim', "rank 1 or more", "a scalar");
    const known = scope.elementsOf("x");
    const rows = known && nonZeroCount(Float64Array.from(known));
    return tensor("int32", [rows || UNKNOWN_DIM, x.shape.length]);
  },
  // There may be no rows, which a declared type cannot say.
  measure: ({ x }) => [
    { kind: "tensor", dtype: "int32", shape: [nonZeroCount(x.data), x.type.shape.length] },
  ],
  evaluate: ({ x }, [out]) => {
    const strides = denseStrides(x.type.shape);
    let at = 0;
    x.data.forEach((value, index) => {
      if (value === 0) return;
      for (const [axis, stride] of strides.entries()) {
        out.data[at++] = Math.floor(index / stride) % x.type.shape[axis]!;
      }
    });
  },
});

export const FILLING_OPS = {
  fill,
  fill_like: fillLike,
  range_1d: range1d,
  one_hot: oneHot,
  band_part: bandPart,
  non_zero: nonZero,
} as const;
