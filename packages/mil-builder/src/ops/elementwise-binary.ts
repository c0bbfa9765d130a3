/**
 * Arithmetic and comparison of two broadcast operands of one dtype. Source: coremltools iOS15 elementwise_binary.py; its
 * maximum and minimum propagate NaN, as numpy's do.
 */
import { mapBinary } from "../evaluate/elementwise.js";
import { conditionInput, tensorInput } from "../input-spec.js";
import { defineOp, NUMBERS } from "../op-definition.js";
import { tensor } from "../tensor-type.js";
import { broadcastShapes } from "./shape-rules.js";

type Binary = (x: number, y: number) => number;

function arithmetic(type: string, f: Binary) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: { x: tensorInput("T"), y: tensorInput("T") },
    infer: ({ x, y }, scope) => tensor(x.dtype, broadcastShapes(x.shape, y.shape, scope)),
    evaluate: ({ x, y }, [out]) => mapBinary(x, y, out, f),
  });
}

function comparison(type: string, f: (x: number, y: number) => boolean) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: { x: tensorInput("T"), y: tensorInput("T") },
    infer: ({ x, y }, scope) => tensor("bool", broadcastShapes(x.shape, y.shape, scope)),
    evaluate: ({ x, y }, [out]) => mapBinary(x, y, out, (a, b) => (f(a, b) ? 1 : 0)),
  });
}

function logical(type: string, f: Binary) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain: ["bool"] } },
    inputs: { x: conditionInput("T"), y: conditionInput("T") },
    infer: ({ x, y }, scope) => tensor("bool", broadcastShapes(x.shape, y.shape, scope)),
    evaluate: ({ x, y }, [out]) => mapBinary(x, y, out, f),
  });
}

/** numpy gives pow(1, nan) = 1; JavaScript's ** gives NaN. */
function power(x: number, y: number): number {
  return x === 1 ? 1 : x ** y;
}

export const add = arithmetic("add", (x, y) => x + y);
export const sub = arithmetic("sub", (x, y) => x - y);
export const mul = arithmetic("mul", (x, y) => x * y);
export const realDiv = arithmetic("real_div", (x, y) => x / y);
export const maximum = arithmetic("maximum", Math.max);
export const minimum = arithmetic("minimum", Math.min);
export const pow = arithmetic("pow", power);

export const equal = comparison("equal", (x, y) => x === y);
export const notEqual = comparison("not_equal", (x, y) => x !== y);
export const less = comparison("less", (x, y) => x < y);
export const lessEqual = comparison("less_equal", (x, y) => x <= y);
export const greater = comparison("greater", (x, y) => x > y);
export const greaterEqual = comparison("greater_equal", (x, y) => x >= y);

export const logicalAnd = logical("logical_and", (x, y) => x & y);
export const logicalOr = logical("logical_or", (x, y) => x | y);
export const logicalXor = logical("logical_xor", (x, y) => x ^ y);
