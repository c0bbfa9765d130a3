/** The table of all ops. A new op is a definition in its family's file and a line here. */
import type { OpDefinition } from "../op-definition.js";
import { gelu, relu, sigmoid, silu, softmax } from "./activation.js";
import { concat, split } from "./concat.js";
import { constant, select } from "./control-flow.js";
import { conv } from "./conv.js";
import * as binary from "./elementwise-binary.js";
import * as unary from "./elementwise-unary.js";
import { linear, matmul } from "./linear.js";
import * as reduction from "./reduction.js";
import { expandDims, identity, reshape, squeeze, transpose } from "./reshape.js";
import { sliceByIndex, sliceBySize } from "./slice.js";

/** Ops that the builder offers as methods, by MIL name. */
export const BUILDER_OPS = {
  abs: unary.abs,
  add: binary.add,
  cast: unary.cast,
  ceil: unary.ceil,
  concat,
  conv,
  cos: unary.cos,
  equal: binary.equal,
  erf: unary.erf,
  exp: unary.exp,
  expand_dims: expandDims,
  floor: unary.floor,
  gelu,
  greater: binary.greater,
  greater_equal: binary.greaterEqual,
  identity,
  inverse: unary.inverse,
  less: binary.less,
  less_equal: binary.lessEqual,
  linear,
  log: unary.log,
  logical_and: binary.logicalAnd,
  logical_not: unary.logicalNot,
  logical_or: binary.logicalOr,
  logical_xor: binary.logicalXor,
  matmul,
  maximum: binary.maximum,
  minimum: binary.minimum,
  mul: binary.mul,
  not_equal: binary.notEqual,
  pow: binary.pow,
  real_div: binary.realDiv,
  reduce_max: reduction.reduceMax,
  reduce_mean: reduction.reduceMean,
  reduce_min: reduction.reduceMin,
  reduce_sum: reduction.reduceSum,
  reduce_sum_square: reduction.reduceSumSquare,
  relu,
  reshape,
  round: unary.round,
  rsqrt: unary.rsqrt,
  select,
  sigmoid,
  sign: unary.sign,
  silu,
  sin: unary.sin,
  slice_by_index: sliceByIndex,
  slice_by_size: sliceBySize,
  softmax,
  split,
  sqrt: unary.sqrt,
  square: unary.square,
  squeeze,
  sub: binary.sub,
  tanh: unary.tanh,
  transpose,
} as const;

const DEFINITIONS: ReadonlyMap<string, OpDefinition> = new Map<string, OpDefinition>([
  ["const", constant],
  ...Object.entries<OpDefinition>(BUILDER_OPS),
]);

/** What the package knows of an op, or undefined if it is not in the table. */
export function opDefinition(type: string): OpDefinition | undefined {
  return DEFINITIONS.get(type);
}
