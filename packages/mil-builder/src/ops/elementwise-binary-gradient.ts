/**
 * Gradients of arithmetic on two operands. Both are broadcast, so that their gradients are summed back to their shapes. Where
 * maximum and minimum have equal operands, each gets half.
 */
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Rules, Vjp, VjpRule, ZeroRule } from "../autodiff/vjp.js";
import type { Value } from "../program.js";

/** Partial derivative times the cotangent, before it is summed. */
type Partial = (vjp: Vjp) => Value;

function binary(dx: Partial, dy: Partial): VjpRule {
  return (vjp) => ({ x: summed(vjp, "x", dx), y: summed(vjp, "y", dy) });
}

function summed(vjp: Vjp, name: "x" | "y", partial: Partial): Value | undefined {
  if (!vjp.wants(name)) return undefined;
  return sumToShape(vjp.f, partial(vjp), vjp.output.type.shape, vjp.value(name).type.shape);
}

const add = binary(
  ({ compactCotangent }) => compactCotangent,
  ({ compactCotangent }) => compactCotangent,
);

const sub = binary(
  ({ compactCotangent }) => compactCotangent,
  ({ f, compactCotangent }) => f.mul({ x: compactCotangent, y: -1 }),
);

const product = binary(
  ({ f, compactCotangent, value }) => f.mul({ x: compactCotangent, y: value("y") }),
  ({ f, compactCotangent, value }) => f.mul({ x: compactCotangent, y: value("x") }),
);

/** Of a square the two gradients are one, 2 d · x. */
const mul: VjpRule = (vjp) => {
  const { f, value, wants, compactCotangent } = vjp;
  const x = value("x");
  if (x !== value("y") || !wants("x")) return product(vjp);
  return { x: f.mul({ x: f.mul({ x: compactCotangent, y: 2 }), y: x }), y: undefined };
};

/** z = x / y: dx = d / y, dy = -(d / y) · z */
const realDiv = binary(
  ({ f, compactCotangent, value }) => f.real_div({ x: compactCotangent, y: value("y") }),
  ({ f, compactCotangent, value, output }) => {
    const share = f.real_div({ x: compactCotangent, y: value("y") });
    return f.mul({ x: f.mul({ x: share, y: -1 }), y: output });
  },
);

/**
 * z = x^y: dx = d · y · x^(y - 1), dy = d · z · ln x. Of a negative exponent dx is (d · z) / x · y, because x^(y - 1) leaves the range
 * of fp16 where z does not; of an exponent of 0 it is d · y, also where x is 0.
 */
const pow = binary(
  (vjp) => {
    const { f, compactCotangent: d, value, output } = vjp;
    const [x, y] = [value("x"), value("y")];
    const [exponent] = y.type.shape.length === 0 ? (vjp.elements("y") ?? []) : [];
    if (exponent === 0) return f.mul({ x: d, y });
    if (exponent !== undefined && exponent < 0) {
      return f.mul({ x: f.real_div({ x: f.mul({ x: d, y: output }), y: x }), y });
    }
    return f.mul({ x: f.mul({ x: d, y }), y: f.pow({ x, y: f.sub({ x: y, y: 1 }) }) });
  },
  ({ f, compactCotangent, value, output }) => {
    const x = value("x");
    const logarithm = x.type.dtype === "fp16" ? f.log({ x, epsilon: 2 ** -17 }) : f.log({ x });
    return f.mul({ x: f.mul({ x: compactCotangent, y: output }), y: logarithm });
  },
);

/** d times 1 for the operand that is taken, 1/2 for both if they are equal: (1 ± sign(x - y))/2. */
function taken({ f, compactCotangent, value }: Vjp, larger: "x" | "y"): Value {
  const sign = f.sign({ x: f.sub({ x: value("x"), y: value("y") }) });
  const half = f.mul({ x: sign, y: larger === "x" ? 0.5 : -0.5 });
  return f.mul({ x: compactCotangent, y: f.add({ x: half, y: 0.5 }) });
}

/** x - y · ⌊x / y⌋ */
const mod = binary(
  ({ compactCotangent }) => compactCotangent,
  ({ f, compactCotangent, value }) => {
    const times = f.floor_div({ x: value("x"), y: value("y") });
    return f.mul({ x: f.mul({ x: compactCotangent, y: -1 }), y: times });
  },
);

const COMPARISON: ZeroRule = { zero: "a comparison is piecewise constant" };
const LOGICAL: ZeroRule = { zero: "booleans have no gradient" };

export const ELEMENTWISE_BINARY_GRADIENTS = {
  add,
  equal: COMPARISON,
  floor_div: { zero: "piecewise constant" },
  greater: COMPARISON,
  greater_equal: COMPARISON,
  less: COMPARISON,
  less_equal: COMPARISON,
  logical_and: LOGICAL,
  logical_or: LOGICAL,
  logical_xor: LOGICAL,
  maximum: binary(
    (vjp) => taken(vjp, "x"),
    (vjp) => taken(vjp, "y"),
  ),
  minimum: binary(
    (vjp) => taken(vjp, "y"),
    (vjp) => taken(vjp, "x"),
  ),
  mod,
  mul,
  not_equal: COMPARISON,
  pow,
  real_div: realDiv,
  sub,
} satisfies Rules;
