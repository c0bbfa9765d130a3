/** Gradients of ops that repeat, drop or turn around elements: what was copied is added up, what was dropped is zero. */
import { sumCopies } from "../autodiff/axis-map.js";
import { cut, place } from "../autodiff/place.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, VjpRule } from "../autodiff/vjp.js";
import { addTaps } from "../autodiff/windows.js";
import type { FunctionBuilder } from "../builder.js";
import { axisView } from "../evaluate/along-axis.js";
import type { Value } from "../program.js";
import { padPairs } from "./pad.js";
import { wrapAxis } from "./shape-rules.js";

const pad: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const pairs = padPairs(vjp.numbers("pad"), shape.length);
  if (vjp.text("mode") === "constant") {
    const begin = pairs.map(([before]) => before);
    return { x: slice(f, cotangent, begin, shape) };
  }
  const fold = vjp.text("mode") === "reflect" ? mirrored : repeated;
  let dx = cotangent;
  for (const [axis, [before, after]] of pairs.entries()) {
    const length = shape[axis]!;
    const parts = [part(f, dx, axis, before, length)];
    if (before > 0) {
      parts.push(fold(f, part(f, dx, axis, 0, before), axis, length, "first"));
    }
    if (after > 0) {
      parts.push(fold(f, part(f, dx, axis, before + length, after), axis, length, "last"));
    }
    dx = parts.reduce((x, y) => f.add({ x, y }));
  }
  return { x: dx };
};

type End = "first" | "last";

/** The margin was the elements next to that end of the axis, backwards. */
function mirrored(
  f: FunctionBuilder,
  margin: Value,
  axis: number,
  length: number,
  end: End,
): Value {
  const { shape } = margin.type;
  const begin = end === "first" ? shape[axis]! : length - 2;
  return placeAlong(f, margin, axis, length, begin, -1);
}

/** The margin was the element at that end of the axis, again and again. */
function repeated(
  f: FunctionBuilder,
  margin: Value,
  axis: number,
  length: number,
  end: End,
): Value {
  const sum = sumCopies(f, margin, axis, margin.type.shape[axis]!);
  return placeAlong(f, sum, axis, length, end === "first" ? 0 : length - 1, 1);
}

function placeAlong(
  f: FunctionBuilder,
  value: Value,
  axis: number,
  length: number,
  at: number,
  stride: number,
): Value {
  const { shape } = value.type;
  const only = (number: number, other: number) =>
    shape.map((_, i) => (i === axis ? number : other));
  return place(f, value, shape.with(axis, length), only(at, 0), only(stride, 1));
}

function part(f: FunctionBuilder, value: Value, axis: number, from: number, length: number): Value {
  const { shape } = value.type;
  const begin = shape.map((_, index) => (index === axis ? from : 0));
  return slice(f, value, begin, shape.with(axis, length));
}

function slice(
  f: FunctionBuilder,
  value: Value,
  begin: readonly number[],
  size: readonly number[],
): Value {
  if (begin.every((from) => from === 0)) return cut(f, value, size);
  return f.slice_by_size({ x: value, begin, size });
}

const tile: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  let dx = cotangent;
  for (const [axis, copies] of vjp.numbers("reps").entries()) dx = sumCopies(f, dx, axis, copies);
  return { x: dx };
};

/** Its own inverse, and a permutation. */
const reverse: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  const axes = vjp.has("axes") ? vjp.numbers("axes") : undefined;
  return { x: f.reverse({ x: cotangent, axes }) };
};

const reverseSequence: VjpRule = (vjp) => ({
  x: vjp.f.reverse_sequence({
    x: vjp.cotangent,
    lengths: vjp.value("lengths"),
    seq_axis: vjp.number("seq_axis"),
    batch_axis: vjp.number("batch_axis"),
  }),
});

/** Windows that overlap add up: a transposed convolution whose channels are the places in a window. */
const slidingWindows: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const along = wrapAxis(vjp.number("axis"), shape.length);
  const { outer, length, inner } = axisView(shape, along);
  const [count, size] = cotangent.type.shape.slice(along, along + 2) as [number, number];
  const view = reshapeTo(f, cotangent, [outer, count, size, inner]);
  const channels = f.transpose({ x: view, perm: [0, 2, 1, 3] });
  const unit = { stride: 1, dilation: 1, before: 0, after: 0 };
  const axes = [
    { ...unit, input: length, output: count, kernel: size, stride: vjp.number("stride") },
    { ...unit, input: inner, output: inner, kernel: 1 },
  ];
  return { x: reshapeTo(f, addTaps(f, channels, axes), shape) };
};

const crop: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const begin = shape.map(() => 0);
  begin[shape.length - 2] = vjp.numbers("crop_height")[0]!;
  begin[shape.length - 1] = vjp.numbers("crop_width")[0]!;
  return { x: place(f, cotangent, shape, begin) };
};

export const PADDING_GRADIENTS = {
  crop,
  pad,
  reverse,
  reverse_sequence: reverseSequence,
  sliding_windows: slidingWindows,
  tile,
} satisfies Rules;
