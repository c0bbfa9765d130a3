/** Gradients of picking by index: each gradient is added up where its element was picked. */
import { reshapeTo } from "../autodiff/reshape-to.js";
import { type Indices, sumAlong, sumAt } from "../autodiff/selection.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { zerosOf } from "../autodiff/zeros.js";
import type { FunctionBuilder } from "../builder.js";
import { axisView } from "../evaluate/along-axis.js";
import { denseStrides } from "../evaluate/strided.js";
import type { Value } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";
import { wrapAxis } from "./shape-rules.js";

const indicesOf = (vjp: Vjp): Indices => ({
  value: vjp.value("indices"),
  known: vjp.elements("indices"),
});

/** `batch_dims` is a parameter from ios16 on. */
const batchDims = (vjp: Vjp) => (vjp.has("batch_dims") ? vjp.number("batch_dims") : 0);

const gather: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const { outer, length, inner } = axisView(shape, wrapAxis(vjp.number("axis"), shape.length));
  const batches = elementCount(shape.slice(0, batchDims(vjp)));
  const indices = indicesOf(vjp);
  const picks = elementCount(indices.value.type.shape) / batches;
  const updates = reshapeTo(f, cotangent, [batches, outer / batches, picks, inner]);
  return { x: reshapeTo(f, sumAt(f, indices, updates, length), shape) };
};

const gatherAlongAxis: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const axis = wrapAxis(vjp.number("axis"), shape.length);
  return { x: sumAlong(f, indicesOf(vjp), cotangent, axis, shape[axis]!) };
};

const gatherNd: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { type } = value("x");
  const batch = batchDims(vjp);
  const { value: indices, known } = indicesOf(vjp);
  const depth = indices.type.shape.at(-1)!;
  if (batch === 0 && known === undefined && indices.type.dtype === "int32") {
    return {
      x: f.scatter_nd({ data: zerosOf(f, type), indices, updates: cotangent, mode: "add" }),
    };
  }
  const dims = type.shape.slice(batch, batch + depth);
  const batches = elementCount(type.shape.slice(0, batch));
  const picks = elementCount(indices.type.shape) / depth / batches;
  const inner = elementCount(type.shape.slice(batch + depth));
  const updates = reshapeTo(f, cotangent, [batches, 1, picks, inner]);
  const line = {
    value: linearIndices(f, indices, dims),
    known: known && knownLinearIndices(known, dims),
  };
  return { x: reshapeTo(f, sumAt(f, line, updates, elementCount(dims)), type.shape) };
};

/** Positions [..., depth] in `dims` as indices into their elements. */
function linearIndices(f: FunctionBuilder, indices: Value, dims: readonly number[]): Value {
  const vector = (name: string, numbers: readonly number[]) =>
    f.constant(name, tensor("int32", [dims.length]), numbers);
  const given = indices.type.dtype === "int32" ? indices : f.cast({ x: indices, dtype: "int32" });
  const isNegative = f.cast({ x: f.less({ x: given, y: 0 }), dtype: "int32" });
  const positive = f.add({ x: given, y: f.mul({ x: isNegative, y: vector("dims", dims) }) });
  const scaled = f.mul({ x: positive, y: vector("strides", denseStrides(dims)) });
  return f.reduce_sum({ x: scaled, axes: [-1], keep_dims: true });
}

function knownLinearIndices(indices: readonly number[], dims: readonly number[]) {
  const strides = denseStrides(dims);
  const depth = dims.length;
  return Array.from({ length: indices.length / depth }, (_, i) =>
    dims.reduce((sum, dim, axis) => {
      const index = indices[i * depth + axis]!;
      return sum + (index < 0 ? index + dim : index) * strides[axis]!;
    }, 0),
  );
}

export const GATHERING_GRADIENTS = {
  gather,
  gather_along_axis: gatherAlongAxis,
  gather_nd: gatherNd,
} satisfies Rules;
