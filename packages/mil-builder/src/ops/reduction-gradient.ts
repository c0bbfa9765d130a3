/**
 * Gradients of reductions. A cotangent keeps a dim of 1 along the reduced axes, and broadcasts. Of equal maxima (or minima) each gets
 * the same share, as with PyTorch's amax.
 */
import { axesFromZero, sumOver, timesCount } from "../autodiff/along-axes.js";
import { isAtBound } from "../autodiff/masks.js";
import type { RefusedRule, Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { productOfOthers } from "./product-of-others.js";

/** What the rules work with: x, the result and its cotangent with all dims of x, of which the reduced ones are 1. */
interface Reduction {
  readonly f: FunctionBuilder;
  readonly x: Value;
  readonly y: Value;
  readonly d: Value;
  readonly axes: readonly number[];
  /** Number of elements of x per result. */
  readonly count: number;
}

function reduction(dx: (reduction: Reduction) => Value): VjpRule {
  return (vjp) => {
    const { f, value, wants, output, compactCotangent } = vjp;
    if (!wants("x")) return {};
    const x = value("x");
    const { shape } = x.type;
    const axes = axesFromZero(vjp.has("axes") ? vjp.numbers("axes") : undefined, shape.length);
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    const d = withAxes(vjp, compactCotangent, axes);
    const y = withAxes(vjp, output, axes);
    return { x: dx({ f, x, y, d, axes, count }) };
  };
}

/** A result with the axes that it lost. */
function withAxes({ f, flag }: Vjp, value: Value, axes: readonly number[]): Value {
  if (flag("keep_dims") || axes.length === 0) return value;
  return f.expand_dims({ x: value, axes: axes.toSorted((a, b) => a - b) });
}

/** d shared among the elements that equal y. */
function shareOfEqual(isTaken: (reduction: Reduction) => Value): VjpRule {
  return reduction((it) => {
    const { f, d, axes } = it;
    const taken = isTaken(it);
    return f.mul({ x: f.real_div({ x: d, y: sumOver(f, taken, axes) }), y: taken });
  });
}

/** x/y · d, 0 if all x are. The least y is far below the smallest norm whose squares the dtype can hold. */
const l2Norm = reduction(({ f, x, y, d }) => {
  const least = x.type.dtype === "fp16" ? 2 ** -14 : 2 ** -100;
  return f.mul({ x, y: f.real_div({ x: d, y: f.maximum({ x: y, y: least }) }) });
});

const INDEX: RefusedRule = {
  refused: "the position of an extremum has no derivative",
  advice: "Use reduce_max or reduce_min for the value, or softmax for a position that is smooth",
};

export const REDUCTION_GRADIENTS = {
  reduce_argmax: INDEX,
  reduce_argmin: INDEX,
  reduce_l1_norm: reduction(({ f, x, d }) => f.mul({ x: f.sign({ x }), y: d })),
  reduce_l2_norm: l2Norm,
  /** e^-y is 1/Σx. */
  reduce_log_sum: reduction(({ f, y, d }) =>
    f.mul({ x: d, y: f.exp({ x: f.mul({ x: y, y: -1 }) }) }),
  ),
  reduce_log_sum_exp: reduction(({ f, x, y, d }) =>
    f.mul({ x: f.exp({ x: f.sub({ x, y }) }), y: d }),
  ),
  reduce_max: shareOfEqual(({ f, x, y }) => isAtBound(f, x, y)),
  reduce_mean: reduction(({ f, d, count }) => timesCount(f, d, count, -1)),
  reduce_min: shareOfEqual(({ f, x, y }) => isAtBound(f, y, x)),
  reduce_prod: reduction(({ f, x, d, axes }) =>
    axes.length === 0 ? d : f.mul({ x: productOfOthers(f, x, axes), y: d }),
  ),
  reduce_sum: reduction(({ d }) => d),
  reduce_sum_square: reduction(({ f, x, d }) => f.mul({ x, y: f.mul({ x: d, y: 2 }) })),
} satisfies Rules;
