/** Gradients of functions of one tensor, element by element: the cotangent times the slope. */
import { isAtBound, isEqual } from "../autodiff/masks.js";
import type { Rules, Vjp, VjpRule, ZeroRule } from "../autodiff/vjp.js";
import { isFloat } from "../dtype.js";
import { roundToDType } from "../float-format.js";
import type { Value } from "../program.js";

/** dx = d · slope */
export function slope(of: (vjp: Vjp) => Value): VjpRule {
  return (vjp) => (vjp.wants("x") ? { x: vjp.f.mul({ x: vjp.compactCotangent, y: of(vjp) }) } : {});
}

/** dx = d / steepness */
function flatness(of: (vjp: Vjp) => Value): VjpRule {
  return (vjp) =>
    vjp.wants("x") ? { x: vjp.f.real_div({ x: vjp.compactCotangent, y: of(vjp) }) } : {};
}

/** 1 / (x + epsilon) */
function inverse({ f, value, number }: Vjp): Value {
  const x = value("x");
  return f.inverse({ x, epsilon: roundToDType(number("epsilon"), x.type.dtype) });
}

/** y = 1/√(x + epsilon): dx = (d · y) · y² · -1/2, of which only the last product may leave the range of fp16. */
const rsqrt: VjpRule = ({ f, wants, compactCotangent, output: y }) => {
  if (!wants("x")) return {};
  const halved = f.mul({ x: f.mul({ x: compactCotangent, y }), y: -0.5 });
  return { x: f.mul({ x: halved, y: f.mul({ x: y, y }) }) };
};

/** 1 - x² */
function oneMinusSquare({ f }: Vjp, x: Value): Value {
  return f.sub({ x: 1, y: f.mul({ x, y: x }) });
}

/** Between floats as it is, and from 8-bit integers to floats; what becomes an integer is cut off in steps. */
const cast: VjpRule = ({ output, compactCotangent }) => ({
  x: isFloat(output.type.dtype) ? compactCotangent : undefined,
});

const STEPS: ZeroRule = { zero: "piecewise constant" };

export const ELEMENTWISE_UNARY_GRADIENTS = {
  abs: slope(({ f, value }) => f.sign({ x: value("x") })),
  acos: slope((vjp) => {
    const { f, value } = vjp;
    const sine = f.pow({ x: oneMinusSquare(vjp, value("x")), y: -0.5 });
    return f.mul({ x: sine, y: -1 });
  }),
  asin: slope((vjp) => vjp.f.pow({ x: oneMinusSquare(vjp, vjp.value("x")), y: -0.5 })),
  atan: flatness(({ f, value }) => {
    const x = value("x");
    return f.add({ x: f.mul({ x, y: x }), y: 1 });
  }),
  atanh: flatness((vjp) => oneMinusSquare(vjp, vjp.value("x"))),
  cast,
  ceil: STEPS,
  clip: slope(({ f, value, output }) => isEqual(f, value("x"), output)),
  cos: slope(({ f, value }) => f.mul({ x: f.sin({ x: value("x") }), y: -1 })),
  cosh: slope(({ f, value }) => f.sinh({ x: value("x") })),
  erf: slope(({ f, value }) => {
    const x = value("x");
    const bell = f.exp({ x: f.mul({ x: f.mul({ x, y: -1 }), y: x }) });
    return f.mul({ x: bell, y: 2 / Math.sqrt(Math.PI) });
  }),
  exp: slope(({ output }) => output),
  exp2: slope(({ f, output }) => f.mul({ x: output, y: Math.LN2 })),
  floor: STEPS,
  inverse: slope(({ f, output: y }) => f.mul({ x: f.mul({ x: y, y: -1 }), y })),
  log: slope(inverse),
  logical_not: { zero: "booleans have no gradient" },
  round: STEPS,
  rsqrt,
  sign: STEPS,
  sin: slope(({ f, value }) => f.cos({ x: value("x") })),
  sinh: slope(({ f, value }) => f.cosh({ x: value("x") })),
  sqrt: flatness(({ f, output }) => f.mul({ x: output, y: 2 })),
  square: ({ f, wants, value, compactCotangent }) =>
    wants("x") ? { x: f.mul({ x: f.mul({ x: compactCotangent, y: 2 }), y: value("x") }) } : {},
  tan: slope(({ f, output: y }) => f.add({ x: f.mul({ x: y, y }), y: 1 })),
  tanh: slope((vjp) => oneMinusSquare(vjp, vjp.output)),
  threshold: slope(({ f, value, output }) => isAtBound(f, value("x"), output)),
} satisfies Rules;
