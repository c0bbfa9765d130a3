/** Functions of one tensor, element by element. Source: coremltools iOS15 and iOS17 elementwise_unary.py. */
import { integerRange, isFloat } from "../dtype.js";
import { mapUnary } from "../evaluate/elementwise.js";
import { erf as erfFunction } from "../evaluate/erf.js";
import { roundHalfEven } from "../evaluate/round-half-even.js";
import { choice, conditionInput, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, MOVABLE, NUMBERS } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import type { DType } from "../program.js";
import { tensor } from "../tensor-type.js";

type Unary = (x: number) => number;

function unary(type: string, summary: string, f: Unary, domain: readonly DType[] = FLOATS) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: { T: { domain } },
    inputs: { x: tensorInput("T") },
    infer: ({ x }) => x,
    evaluate: ({ x }, [out]) => mapUnary(x, out, f),
  });
}

/** f(x + epsilon); from iOS17 on epsilon may have another float dtype than x. */
function unaryWithEpsilon(type: string, summary: string, epsilonDefault: number, f: Unary) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: {
      T: { domain: FLOATS },
      U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
    },
    inputs: { x: tensorInput("T"), epsilon: optional(real("U"), epsilonDefault) },
    infer: ({ x }) => x,
    evaluate: ({ x, epsilon }, [out]) => mapUnary(x, out, (value) => f(value + epsilon)),
  });
}

const logicalNot = defineOp({
  type: "logical_not",
  summary: "not x",
  since: "ios15",
  types: { T: { domain: ["bool"] } },
  inputs: { x: conditionInput("T") },
  infer: ({ x }) => x,
  evaluate: ({ x }, [out]) => mapUnary(x, out, (value) => 1 - value),
});

const clip = defineOp({
  type: "clip",
  summary: "min(max(x, alpha), beta)",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: { x: tensorInput("T"), alpha: real("T"), beta: real("T") },
  infer: ({ x, alpha, beta }, scope) => {
    if (hasOpset(scope.opset, "ios17") && !(alpha < beta)) {
      throw scope.error('"alpha" must be less than "beta"', `less than ${beta}`, `${alpha}`);
    }
    return x;
  },
  evaluate: ({ x, alpha, beta }, [out]) =>
    mapUnary(x, out, (value) => Math.min(Math.max(value, alpha), beta)),
});

const threshold = defineOp({
  type: "threshold",
  summary: "max(x, alpha)",
  since: "ios15",
  types: { T: { domain: NUMBERS } },
  inputs: { x: tensorInput("T"), alpha: real("T") },
  infer: ({ x }) => x,
  evaluate: ({ x, alpha }, [out]) => mapUnary(x, out, (value) => Math.max(value, alpha)),
});

const SHORT_INTEGERS: readonly string[] = ["int8", "uint8", "int16", "uint16"];

/** Out of range, the language leaves float to integer undefined; here it saturates, and NaN becomes 0. */
function converter(dtype: DType): Unary {
  if (isFloat(dtype)) return (x) => x;
  if (dtype === "bool") return (x) => (x !== 0 ? 1 : 0);
  const range = integerRange(dtype);
  const min = Number(range.min);
  const max = Number(range.max);
  return (x) => (Number.isNaN(x) ? 0 : Math.min(max, Math.max(min, Math.trunc(x))));
}

const cast = defineOp({
  type: "cast",
  summary: "x as another dtype; float to integer truncates, anything but 0 is true",
  since: "ios15",
  types: { T: { domain: MOVABLE } },
  inputs: {
    x: tensorInput("T"),
    dtype: choice(["fp16", "fp32", "int32", "bool", "int8", "uint8", "int16", "uint16"]),
  },
  infer: ({ x, dtype }, scope) => {
    if (SHORT_INTEGERS.includes(dtype) && !hasOpset(scope.opset, "ios17")) {
      throw scope.error('"dtype" must exist in the opset', "ios17 or newer", scope.opset);
    }
    return tensor(dtype, x.shape);
  },
  evaluate: ({ x }, [out]) => mapUnary(x, out, converter(out.type.dtype)),
});

export const ELEMENTWISE_UNARY_OPS = {
  abs: unary("abs", "|x|", Math.abs, NUMBERS),
  acos: unary("acos", "arc cosine", Math.acos),
  asin: unary("asin", "arc sine", Math.asin),
  atan: unary("atan", "arc tangent", Math.atan),
  atanh: unary("atanh", "inverse hyperbolic tangent", Math.atanh),
  cast,
  ceil: unary("ceil", "smallest integer that is not below x", Math.ceil),
  clip,
  cos: unary("cos", "cosine of radians", Math.cos),
  cosh: unary("cosh", "hyperbolic cosine", Math.cosh),
  erf: unary("erf", "error function", erfFunction),
  exp: unary("exp", "e^x", Math.exp),
  exp2: unary("exp2", "2^x", (x) => 2 ** x, NUMBERS),
  floor: unary("floor", "largest integer that is not above x", Math.floor),
  inverse: unaryWithEpsilon("inverse", "1 / (x + epsilon)", 1e-4, (x) => 1 / x),
  log: unaryWithEpsilon("log", "ln(x + epsilon)", 1e-45, Math.log),
  logical_not: logicalNot,
  round: unary("round", "nearest integer, halves to the even one", roundHalfEven),
  rsqrt: unaryWithEpsilon("rsqrt", "1 / √(x + epsilon)", 1e-12, (x) => 1 / Math.sqrt(x)),
  sign: unary("sign", "-1, 0 or 1", Math.sign, NUMBERS),
  sin: unary("sin", "sine of radians", Math.sin),
  sinh: unary("sinh", "hyperbolic sine", Math.sinh),
  sqrt: unary("sqrt", "√x", Math.sqrt),
  square: unary("square", "x²", (x) => x * x, NUMBERS),
  tan: unary("tan", "tangent of radians", Math.tan),
  tanh: unary("tanh", "hyperbolic tangent", Math.tanh),
  threshold,
} as const;
