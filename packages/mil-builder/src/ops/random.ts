/** Random numbers. Source: coremltools iOS15 random.py. Apple does not say which generator draws them. */
import { choice, integer, optional, positions, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope, isComputed } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { tensor } from "../tensor-type.js";
import { unknownShape } from "./shape-rules.js";

const TYPES = { T: { domain: FLOATS } } as const;
const SHAPE = positions(["int32"]);
const SEED = optional(integer(), -1);

/** The dtype is that of the parameters, fp32 if they are absent. */
function inferShape(
  shape: readonly number[] | TensorType,
  parameters: readonly string[],
  scope: InferScope,
): TensorType {
  const dtype = parameters.map((name) => scope.dtypeOf(name)).find((found) => found !== undefined);
  return tensor(dtype ?? "fp32", isComputed(shape) ? unknownShape(shape, scope) : shape);
}

const REFUSED = "the generator is not specified; pass the numbers as an input";

const randomBernoulli = defineOp({
  type: "random_bernoulli",
  summary: "1 with probability prob, else 0",
  since: "ios15",
  types: TYPES,
  inputs: { shape: SHAPE, prob: optional(real("T"), 0.5), seed: SEED },
  infer: ({ shape }, scope) => inferShape(shape, ["prob"], scope),
  refused: REFUSED,
});

const randomCategorical = defineOp({
  type: "random_categorical",
  summary: "indices drawn with the probabilities (or logits) in the last dim of x",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    mode: optional(choice(["logits", "probs"]), "logits"),
    size: optional(integer(), 1),
    seed: SEED,
  },
  infer: ({ x, size }, scope) => {
    if (x.shape.length === 0) throw scope.error('"x" has a dim', "rank 1 or more", "a scalar");
    return tensor(x.dtype, [...x.shape.slice(0, -1), size]);
  },
  refused: REFUSED,
});

const randomNormal = defineOp({
  type: "random_normal",
  summary: "numbers of a normal distribution",
  since: "ios15",
  types: TYPES,
  inputs: {
    shape: SHAPE,
    mean: optional(real("T"), 0),
    stddev: optional(real("T"), 1),
    seed: SEED,
  },
  infer: ({ shape }, scope) => inferShape(shape, ["mean", "stddev"], scope),
  refused: REFUSED,
});

const randomUniform = defineOp({
  type: "random_uniform",
  summary: "numbers of the interval from low to high, high excluded",
  since: "ios15",
  types: TYPES,
  inputs: {
    shape: SHAPE,
    low: optional(real("T"), 0),
    high: optional(real("T"), 1),
    seed: SEED,
  },
  infer: ({ shape }, scope) => inferShape(shape, ["low", "high"], scope),
  refused: REFUSED,
});

export const RANDOM_OPS = {
  random_bernoulli: randomBernoulli,
  random_categorical: randomCategorical,
  random_normal: randomNormal,
  random_uniform: randomUniform,
} as const;
