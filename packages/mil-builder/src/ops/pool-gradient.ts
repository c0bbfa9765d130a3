/**
 * Gradients of pooling: each window's gradient is spread over its elements: in equal shares (avg), to the first of the largest
 * (max, as torch does), or by x / y (l2; 0 where all of the window is). Spreading is a transposed convolution of every plane.
 */
import { isAtBound } from "../autodiff/masks.js";
import { optionalNumbers } from "../autodiff/optional-numbers.js";
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { addTaps, taps } from "../autodiff/windows.js";
import type { FunctionBuilder } from "../builder.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import type { Value } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";
import { type PadType, windowAxes } from "./window.js";

/** Stands outside of x, as the smallest fp16 number: no maximum is at such a place, unless the whole window is as small. */
const LOWEST = -65504;

function poolAxes(vjp: Vjp): readonly WindowAxis[] {
  return windowAxes({
    spatial: vjp.value("x").type.shape.slice(2),
    kernel: vjp.numbers("kernel_sizes"),
    strides: optionalNumbers(vjp, "strides"),
    padType: vjp.text("pad_type") as PadType,
    pad: optionalNumbers(vjp, "pad"),
    ceilMode: vjp.flag("ceil_mode"),
  });
}

const averagePool: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  const axes = poolAxes(vjp);
  const excludes = vjp.flag("exclude_padding_from_average");
  const counts = axes.map((axis) => windowCounts(axis, excludes));
  const shares = outerProduct(counts).map((count) => (count > 0 ? 1 / count : 0));
  const isUniform = shares.every((share) => share === shares[0]);
  const type = tensor(cotangent.type.dtype, [1, 1, ...counts.map(({ length }) => length)]);
  const share = isUniform ? shares[0]! : f.constant("shares", type, shares);
  const dy = f.mul({ x: cotangent, y: share });
  return { x: spreadEvenly(f, dy, vjp.value("x"), axes) };
};

/** What the mean of each window along an axis divides by. */
function windowCounts(axis: WindowAxis, excludesPadding: boolean): readonly number[] {
  const { input, output, kernel, stride, before, after } = axis;
  return Array.from({ length: output }, (_, index) => {
    const start = index * stride - before;
    return excludesPadding
      ? Math.max(0, Math.min(start + kernel, input) - Math.max(start, 0))
      : Math.min(start + kernel, input + after) - start;
  });
}

function outerProduct(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.reduce<readonly number[]>(
    (products, list) => products.flatMap((product) => list.map((factor) => product * factor)),
    [1],
  );
}

const l2Pool: VjpRule = (vjp) => {
  const { f, cotangent, output, value } = vjp;
  const isZero = f.sub({ x: 1, y: f.sign({ x: output }) });
  const divisor = f.add({ x: output, y: isZero });
  const dy = f.real_div({ x: cotangent, y: divisor });
  return { x: f.mul({ x: value("x"), y: spreadEvenly(f, dy, value("x"), poolAxes(vjp)) }) };
};

const maxPool: VjpRule = (vjp) => {
  const { f, cotangent, output, value } = vjp;
  const x = value("x");
  const axes = poolAxes(vjp);
  const parts: Value[] = [];
  // 1 as long as no tap of the window was its maximum.
  let free: Value | undefined;
  const values = taps(f, x, axes, LOWEST);
  for (const [index, tap] of values.entries()) {
    const equal = isAtBound(f, tap, output);
    const first = free === undefined ? equal : f.mul({ x: equal, y: free });
    parts.push(f.mul({ x: first, y: cotangent }));
    if (index === values.length - 1) break;
    free = free === undefined ? f.sub({ x: 1, y: first }) : f.sub({ x: free, y: first });
  }
  return { x: spreadTaps(f, parts, x, axes) };
};

/** Every element of dy [N, C, ...output] to all elements of its window in x. */
function spreadEvenly(f: FunctionBuilder, dy: Value, x: Value, axes: readonly WindowAxis[]): Value {
  return spreadTaps(f, [dy], x, axes);
}

/** One part per tap of the kernel, or one for all, each [N, C, ...output], to x, plane by plane. */
function spreadTaps(
  f: FunctionBuilder,
  parts: readonly Value[],
  x: Value,
  axes: readonly WindowAxis[],
): Value {
  const planes = elementCount(x.type.shape.slice(0, 2));
  const output = axes.map((axis) => axis.output);
  const flat = parts.map((part) => reshapeTo(f, part, [planes, 1, ...output]));
  const joined =
    flat.length === 1 ? flat[0]! : f.concat({ values: flat, axis: 1, interleave: false });
  return reshapeTo(f, addTaps(f, joined, axes), x.type.shape);
}

export const POOLING_GRADIENTS = {
  avg_pool: averagePool,
  l2_pool: l2Pool,
  max_pool: maxPool,
} satisfies Rules;
