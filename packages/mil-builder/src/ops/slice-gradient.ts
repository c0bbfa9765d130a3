/**
 * Gradients of slices: the elements put back where they were cut out, zeros elsewhere. At computed places `slice_update` puts
 * them, which exists from ios18 on.
 */
import { GradientError } from "../autodiff/gradient-error.js";
import { optionalNumbers } from "../autodiff/optional-numbers.js";
import { place } from "../autodiff/place.js";
import { locationOf } from "../autodiff/refusal.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { zerosOf } from "../autodiff/zeros.js";
import type { FunctionBuilder } from "../builder.js";
import { hasOpset } from "../opset.js";
import type { Value } from "../program.js";
import { type SliceAxis, sliceAxes } from "./slice.js";

const sliceBySize: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  if (vjp.elements("begin") !== undefined) {
    const begin = vjp.numbers("begin").map((at, axis) => (at < 0 ? at + shape[axis]! : at));
    return { x: place(f, cotangent, shape, begin) };
  }
  expectUpdate(vjp);
  const begin = positivePlaces(f, value("begin"), shape);
  const size = f.constant("size", begin.type, cotangent.type.shape);
  const end = f.add({ x: begin, y: size });
  return { x: f.slice_update({ x: zerosOf(f, value("x").type), update: cotangent, begin, end }) };
};

const sliceByIndex: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const axes = knownAxes(vjp, shape);
  if (axes === undefined) return { x: updated(vjp, zerosOf(f, value("x").type), cotangent) };
  const whole = reshapeTo(
    f,
    cotangent,
    axes.map(({ length }) => length),
  );
  const begin = axes.map(({ start }) => start);
  const strides = axes.map(({ stride }) => stride);
  return { x: place(f, whole, shape, begin, strides) };
};

/** Nothing of x is left where it is updated. */
const sliceUpdate: VjpRule = (vjp) => {
  const { f, cotangent, value, wants } = vjp;
  const update = value("update");
  return {
    x: wants("x") ? updated(vjp, cotangent, zerosOf(f, update.type)) : undefined,
    update: wants("update") ? f.slice_by_index({ x: cotangent, ...sliceOf(vjp) }) : undefined,
  };
};

/** A computed vector of places in `shape`, of which negative ones count from the end. */
function positivePlaces(f: FunctionBuilder, begin: Value, shape: readonly number[]): Value {
  const places = begin.type.dtype === "int32" ? begin : f.cast({ x: begin, dtype: "int32" });
  const isNegative = f.cast({ x: f.less({ x: places, y: 0 }), dtype: "int32" });
  const dims = f.constant("dims", places.type, shape);
  return f.add({ x: places, y: f.mul({ x: isNegative, y: dims }) });
}

/** `target` with `update` in the op's slice. */
function updated(vjp: Vjp, target: Value, update: Value): Value {
  expectUpdate(vjp);
  if (update.type.shape.length > 0) {
    return vjp.f.slice_update({ x: target, update, ...sliceOf(vjp) });
  }
  throw refusal(vjp, "slice_update takes no scalar", "Keep a dim in the slice");
}

/** The op's own parameters, computed or not. */
function sliceOf(vjp: Vjp) {
  const given = (name: string) => (vjp.has(name) ? vjp.value(name) : undefined);
  return {
    begin: vjp.value("begin"),
    end: vjp.value("end"),
    stride: given("stride"),
    begin_mask: given("begin_mask"),
    end_mask: given("end_mask"),
    squeeze_mask: given("squeeze_mask"),
  };
}

/** The slice if all its places are constants. */
function knownAxes(vjp: Vjp, shape: readonly number[]): readonly SliceAxis[] | undefined {
  const names = ["begin", "end", "stride"].filter((name) => vjp.has(name));
  if (names.some((name) => vjp.elements(name) === undefined)) return undefined;
  const flags = (name: string) => (vjp.has(name) ? vjp.flags(name) : undefined);
  return sliceAxes(shape, {
    begin: vjp.numbers("begin"),
    end: vjp.numbers("end"),
    stride: optionalNumbers(vjp, "stride"),
    begin_mask: flags("begin_mask"),
    end_mask: flags("end_mask"),
    squeeze_mask: flags("squeeze_mask"),
  });
}

function expectUpdate(vjp: Vjp): void {
  if (hasOpset(vjp.f.opset, "ios18")) return;
  throw refusal(vjp, "a slice at a computed place needs slice_update", "Build for opset ios18");
}

function refusal({ operation }: Vjp, why: string, advice: string): GradientError {
  return new GradientError("not_differentiable", `${locationOf(operation)}: ${why}. ${advice}.`);
}

export const SLICING_GRADIENTS = {
  slice_by_index: sliceByIndex,
  slice_by_size: sliceBySize,
  slice_update: sliceUpdate,
} satisfies Rules;
