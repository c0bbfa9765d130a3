/** Functions of one tensor, element by element. Source: coremltools iOS15 and iOS17 elementwise_unary.py. */
import { integerRange, isFloat } from "../dtype.js";
import { mapUnary } from "../evaluate/elementwise.js";
import { erf as erfFunction } from "../evaluate/erf.js";
import { choice, conditionInput, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, MOVABLE, NUMBERS } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import type { DType } from "../program.js";
import { tensor } from "../tensor-type.js";

type Unary = (x: number) => number;

function unary(type: string, f: Unary, domain: readonly DType[] = FLOATS) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain } },
    inputs: { x: tensorInput("T") },
    infer: ({ x }) => x,
    evaluate: ({ x }, [out]) => mapUnary(x, out, f),
  });
}

/** f(x + epsilon); from iOS17 on epsilon may have another float dtype than x. */
function unaryWithEpsilon(type: string, epsilonDefault: number, f: Unary) {
  return defineOp({
    type,
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

/** To the nearest integer, halves to the even one; exact, as the sum has no room for a fraction. */
function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;
  const magic = x < 0 || Object.is(x, -0) ? -(2 ** 52) : 2 ** 52;
  const rounded = x + magic - magic;
  return rounded === 0 && magic < 0 ? -0 : rounded;
}

export const abs = unary("abs", Math.abs, NUMBERS);
export const sign = unary("sign", Math.sign, NUMBERS);
export const square = unary("square", (x) => x * x, NUMBERS);
export const ceil = unary("ceil", Math.ceil);
export const cos = unary("cos", Math.cos);
export const erf = unary("erf", erfFunction);
export const exp = unary("exp", Math.exp);
export const floor = unary("floor", Math.floor);
export const round = unary("round", roundHalfEven);
export const sin = unary("sin", Math.sin);
export const sqrt = unary("sqrt", Math.sqrt);
export const tanh = unary("tanh", Math.tanh);

export const inverse = unaryWithEpsilon("inverse", 1e-4, (x) => 1 / x);
export const log = unaryWithEpsilon("log", 1e-45, Math.log);
export const rsqrt = unaryWithEpsilon("rsqrt", 1e-12, (x) => 1 / Math.sqrt(x));

export const logicalNot = defineOp({
  type: "logical_not",
  since: "ios15",
  types: { T: { domain: ["bool"] } },
  inputs: { x: conditionInput("T") },
  infer: ({ x }) => x,
  evaluate: ({ x }, [out]) => mapUnary(x, out, (value) => 1 - value),
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

export const cast = defineOp({
  type: "cast",
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
