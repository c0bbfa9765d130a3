/**
 * Picking by index as arithmetic: 1 where an index names a position, 0 elsewhere. Products with it run on the engine, which has
 * no scatter; where it would be too large, or its numbers too large for the dtype, ops that scatter are used.
 */
import type { FunctionBuilder } from "../builder.js";
import { axisView } from "../evaluate/along-axis.js";
import type { DType, Value } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";
import { reshapeTo } from "./reshape-to.js";
import { zerosOf } from "./zeros.js";

/** Indices into an axis, of which negative ones count from its end. */
export interface Indices {
  readonly value: Value;
  /** Their elements, if they are constants. */
  readonly known: readonly number[] | undefined;
}

/** Elements of a selection that is written into the program. */
const MOST_WRITTEN = 2 ** 14;
/** Elements of a selection that the program computes. */
const MOST_COMPUTED = 2 ** 20;
/** Positions that a dtype holds exactly. */
const EXACT: Readonly<Partial<Record<DType, number>>> = { fp16: 2 ** 11, fp32: 2 ** 24 };

/**
 * Updates added up at their indices: result[b, o, j, i] = Σ updates[b, o, p, i] over all p with indices[b, p] = j.
 * @param indices B · P of them, in any shape
 * @param updates [B, outer, P, inner]
 * @returns [B, outer, length, inner]
 */
export function sumAt(f: FunctionBuilder, indices: Indices, updates: Value, length: number): Value {
  const [B, outer, P, inner] = updates.type.shape as [number, number, number, number];
  const selection = selectionOf(f, indices, [B, 1, P, 1], 3, length, updates.type.dtype);
  if (selection === undefined) return scatterAt(f, indices, updates, length);
  if (inner === 1) {
    const lines = reshapeTo(f, updates, [B, 1, outer, P]);
    const sums = f.matmul({ x: lines, y: selection, transpose_x: false, transpose_y: false });
    return reshapeTo(f, sums, [B, outer, length, inner]);
  }
  return f.matmul({ x: selection, y: updates, transpose_x: true, transpose_y: false });
}

function scatterAt(f: FunctionBuilder, indices: Indices, updates: Value, length: number): Value {
  const [B, outer, P, inner] = updates.type.shape as [number, number, number, number];
  const data = zerosOf(f, { ...updates.type, shape: [B, outer, length, inner] });
  const places = asInt32(f, indices.value);
  if (B === 1) {
    const line = reshapeTo(f, places, [P]);
    return f.scatter({ data, indices: line, updates, axis: 2, mode: "add" });
  }
  const everywhere = zerosOf(f, tensor("int32", [B, outer, P, inner]));
  const own = f.add({ x: reshapeTo(f, places, [B, 1, P, 1]), y: everywhere });
  return f.scatter_along_axis({ data, indices: own, updates, axis: 2, mode: "add" });
}

/**
 * Every update added up at the index's place of its own line along an axis: the gradient of `gather_along_axis`.
 * @param indices of the shape of updates
 * @param axis not negative
 */
export function sumAlong(
  f: FunctionBuilder,
  indices: Indices,
  updates: Value,
  axis: number,
  length: number,
): Value {
  const { dtype, shape } = updates.type;
  const { outer, length: P, inner } = axisView(shape, axis);
  const result = shape.with(axis, length);
  const selection = selectionOf(f, indices, [outer, P, 1, inner], 2, length, dtype);
  if (selection === undefined) {
    const data = zerosOf(f, { ...updates.type, shape: result });
    const places = asInt32(f, indices.value);
    return f.scatter_along_axis({ data, indices: places, updates, axis, mode: "add" });
  }
  const picked = f.mul({ x: selection, y: reshapeTo(f, updates, [outer, P, 1, inner]) });
  const sum = P === 1 ? picked : f.reduce_sum({ x: picked, axes: [1], keep_dims: true });
  return reshapeTo(f, sum, result);
}

/** 1 where the index is the position along `axis` of `shape`, which has 1 there; undefined if that would be too much. */
function selectionOf(
  f: FunctionBuilder,
  { value, known }: Indices,
  shape: readonly number[],
  axis: number,
  length: number,
  dtype: DType,
): Value | undefined {
  const whole = shape.with(axis, length);
  const count = elementCount(whole);
  if (known !== undefined && count <= MOST_WRITTEN) {
    return f.constant("selection", tensor(dtype, whole), writtenOut(known, whole, axis));
  }
  if (length > EXACT[dtype]! || count > MOST_COMPUTED) return undefined;
  const line = shape.map((_, index) => (index === axis ? length : 1));
  const positions = f.constant("positions", tensor(dtype, line), [...Array(length).keys()]);
  const given = f.cast({ x: reshapeTo(f, value, shape), dtype: dtype as "fp16" | "fp32" });
  const isSigned = !value.type.dtype.startsWith("u");
  const distance = f.abs({
    x: f.sub({ x: isSigned ? wrapped(f, given, length) : given, y: positions }),
  });
  return f.relu({ x: f.sub({ x: 1, y: distance }) });
}

/** `length` more for each whole number below 0. */
function wrapped(f: FunctionBuilder, indices: Value, length: number): Value {
  const isNegative = f.clip({ x: f.mul({ x: indices, y: -1 }), alpha: 0, beta: 1 });
  return f.add({ x: indices, y: f.mul({ x: isNegative, y: length }) });
}

function writtenOut(
  indices: readonly number[],
  whole: readonly number[],
  axis: number,
): readonly number[] {
  const { length, inner } = axisView(whole, axis);
  const elements = new Array<number>(elementCount(whole)).fill(0);
  indices.forEach((index, i) => {
    const position = index < 0 ? index + length : index;
    elements[(Math.floor(i / inner) * length + position) * inner + (i % inner)] = 1;
  });
  return elements;
}

function asInt32(f: FunctionBuilder, value: Value): Value {
  return value.type.dtype === "int32" ? value : f.cast({ x: value, dtype: "int32" });
}
