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

function arithmetic(type: string, summary: string, f: Binary) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: { x: tensorInput("T"), y: tensorInput("T") },
    infer: ({ x, y }, scope) => tensor(x.dtype, broadcastShapes(x.shape, y.shape, scope)),
    evaluate: ({ x, y }, [out]) => mapBinary(x, y, out, f),
  });
}

function comparison(type: string, summary: string, f: (x: number, y: number) => boolean) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: { x: tensorInput("T"), y: tensorInput("T") },
    infer: ({ x, y }, scope) => tensor("bool", broadcastShapes(x.shape, y.shape, scope)),
    evaluate: ({ x, y }, [out]) => mapBinary(x, y, out, (a, b) => (f(a, b) ? 1 : 0)),
  });
}

function logical(type: string, summary: string, f: Binary) {
  return defineOp({
    type,
    summary,
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

/** Remainder with the sign of the divisor, as in Python. */
function modulo(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

export const ELEMENTWISE_BINARY_OPS = {
  add: arithmetic("add", "x + y", (x, y) => x + y),
  equal: comparison("equal", "x = y", (x, y) => x === y),
  floor_div: arithmetic("floor_div", "⌊x / y⌋", (x, y) => Math.floor(x / y)),
  greater: comparison("greater", "x > y", (x, y) => x > y),
  greater_equal: comparison("greater_equal", "x ≥ y", (x, y) => x >= y),
  less: comparison("less", "x < y", (x, y) => x < y),
  less_equal: comparison("less_equal", "x ≤ y", (x, y) => x <= y),
  logical_and: logical("logical_and", "x and y", (x, y) => x & y),
  logical_or: logical("logical_or", "x or y", (x, y) => x | y),
  logical_xor: logical("logical_xor", "either x or y", (x, y) => x ^ y),
  maximum: arithmetic("maximum", "the larger of x and y", Math.max),
  minimum: arithmetic("minimum", "the smaller of x and y", Math.min),
  mod: arithmetic("mod", "remainder of x / y with the sign of y", modulo),
  mul: arithmetic("mul", "x · y", (x, y) => x * y),
  not_equal: comparison("not_equal", "x ≠ y", (x, y) => x !== y),
  pow: arithmetic("pow", "x^y", power),
  real_div: arithmetic("real_div", "x / y", (x, y) => x / y),
  sub: arithmetic("sub", "x - y", (x, y) => x - y),
} as const;
