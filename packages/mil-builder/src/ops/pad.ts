/**
 * Ops that repeat, drop or turn around elements along dims. Source: coremltools iOS15 and iOS17 tensor_operation.py,
 * tensor_transformation.py, image_resizing.py.
 */
import { copyByIndex, everyIndex, NOTHING } from "../evaluate/by-index.js";
import { copyStrided, denseStrides, denseView } from "../evaluate/strided.js";
import {
  absent,
  choice,
  integer,
  integers,
  optional,
  positions,
  real,
  tensorInput,
} from "../input-spec.js";
import {
  defineOp,
  FLOATS,
  type InferScope,
  isComputed,
  MOVABLE,
  NUMBERS,
} from "../op-definition.js";
import { domainAt } from "../opset.js";
import { type TensorType, UNKNOWN_DIM } from "../program.js";
import { dimsAgree, formatShape, formatType, tensor } from "../tensor-type.js";
import { expectLength, positiveAxes, positiveAxis, wrapAxis } from "./shape-rules.js";

type PadMode = "constant" | "reflect" | "replicate";

/** [before, after] of each of the last dims, in the order of the dims. */
const pad = defineOp({
  type: "pad",
  summary: "x with elements before and after its last dims",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: {
    x: tensorInput("T"),
    pad: positions(["int32"]),
    mode: optional(choice(["constant", "reflect", "replicate"]), "constant"),
    constant_val: optional(real("T"), 0),
  },
  infer: ({ x, pad: amounts, mode }, scope) => {
    const rank = x.shape.length;
    if (isComputed(amounts)) {
      if (!dimsAgree(amounts.shape[0]!, 2 * rank)) {
        const rule = 'a computed "pad" must have two numbers for every dim';
        throw scope.error(rule, `${2 * rank}`, formatType(amounts));
      }
      return tensor(x.dtype, new Array<number>(rank).fill(UNKNOWN_DIM));
    }
    if (amounts.length % 2 === 1 || amounts.length > 2 * rank) {
      const rule = '"pad" must have two numbers for each of the last dims';
      throw scope.error(rule, `an even number up to ${2 * rank}`, `${amounts.length}`);
    }
    const pairs = padPairs(amounts, rank);
    for (const [axis, pair] of pairs.entries()) {
      const most = mostPadding(mode, x.shape[axis]!);
      if (pair.some((amount) => amount < 0 || amount > most)) {
        const expected = `0..${most}`;
        throw scope.error(`"${mode}" padding of dim ${axis}`, expected, formatShape(pair));
      }
    }
    return tensor(
      x.dtype,
      x.shape.map((dim, axis) => pairs[axis]![0] + dim + pairs[axis]![1]),
    );
  },
  evaluate: ({ x, pad: amounts, mode, constant_val }, [out]) => {
    out.data.fill(constant_val);
    const pairs = padPairs(amounts, x.type.shape.length);
    const lists = out.type.shape.map((length, axis) =>
      everyIndex(length).map((i) => paddedIndex(mode, i - pairs[axis]![0], x.type.shape[axis]!)),
    );
    copyByIndex(x, lists, out.data);
  },
});

export function padPairs(amounts: readonly number[], rank: number): readonly [number, number][] {
  const untouched = rank - amounts.length / 2;
  return everyIndex(rank).map((axis) => {
    const at = 2 * (axis - untouched);
    return at < 0 ? [0, 0] : [amounts[at]!, amounts[at + 1]!];
  });
}

function mostPadding(mode: PadMode, dim: number): number {
  if (mode === "constant") return Number.MAX_SAFE_INTEGER;
  return mode === "reflect" ? dim - 1 : dim;
}

function paddedIndex(mode: PadMode, index: number, length: number): number {
  if (index >= 0 && index < length) return index;
  if (mode === "constant") return NOTHING;
  if (mode === "replicate") return index < 0 ? 0 : length - 1;
  return index < 0 ? -index : 2 * (length - 1) - index;
}

const tile = defineOp({
  type: "tile",
  summary: "x repeated reps times along each dim",
  since: "ios15",
  types: { T: { domain: [...NUMBERS, "bool"] } },
  inputs: { x: tensorInput("T"), reps: positions(["int32"]) },
  infer: ({ x, reps }, scope) => {
    const rank = x.shape.length;
    if (isComputed(reps)) {
      if (!dimsAgree(reps.shape[0]!, rank)) {
        const rule = '"reps" must have one entry per dimension';
        throw scope.error(rule, `${rank} entries`, formatType(reps));
      }
      return tensor(x.dtype, new Array<number>(rank).fill(UNKNOWN_DIM));
    }
    expectLength("reps", reps, rank, scope);
    if (reps.some((count) => count < 1)) {
      throw scope.error('"reps" must be positive', "1 or more", formatShape(reps));
    }
    return tensor(
      x.dtype,
      x.shape.map((dim, axis) => dim * reps[axis]!),
    );
  },
  evaluate: ({ x }, [out]) => {
    const lists = out.type.shape.map((length, axis) =>
      everyIndex(length).map((i) => i % x.type.shape[axis]!),
    );
    copyByIndex(x, lists, out.data);
  },
});

const reverse = defineOp({
  type: "reverse",
  summary: "x backwards along axes",
  since: "ios15",
  types: { T: { domain: MOVABLE } },
  inputs: { x: tensorInput("T"), axes: absent(integers(), "all") },
  infer: ({ x, axes }, scope) => {
    if (axes !== undefined) positiveAxes("axes", axes, x.shape.length, scope);
    return x;
  },
  evaluate: ({ x, axes }, [out]) => {
    const { shape } = x.type;
    const turned = new Set(axes?.map((axis) => wrapAxis(axis, shape.length)) ?? shape.keys());
    const lists = shape.map((dim, axis) =>
      turned.has(axis) ? everyIndex(dim).reverse() : everyIndex(dim),
    );
    copyByIndex(x, lists, out.data);
  },
});

/** The first `lengths[b]` elements along `seq_axis` backwards, for every index b of `batch_axis`. */
const reverseSequence = defineOp({
  type: "reverse_sequence",
  summary: "the first lengths[b] elements of each sequence backwards",
  since: "ios15",
  types: {
    T: { domain: MOVABLE },
    L: { domain: { ios15: ["int32"], ios17: ["int32", "int16", "int8"] } },
  },
  inputs: {
    x: tensorInput("T"),
    lengths: tensorInput("L"),
    seq_axis: optional(integer(), 0),
    batch_axis: optional(integer(), 0),
  },
  infer: ({ x, lengths, seq_axis, batch_axis }, scope) => {
    positiveAxis("seq_axis", seq_axis, x.shape.length, scope);
    const batch = x.shape[positiveAxis("batch_axis", batch_axis, x.shape.length, scope)]!;
    if (lengths.shape.length !== 1 || !dimsAgree(lengths.shape[0]!, batch)) {
      const rule = '"lengths" must have one length per sequence';
      throw scope.error(rule, `[${batch}]`, formatShape(lengths.shape));
    }
    return x;
  },
  evaluate: ({ x, lengths, seq_axis, batch_axis }, [out]) => {
    const { shape } = x.type;
    const strides = denseStrides(shape);
    const along = wrapAxis(seq_axis, shape.length);
    const batch = wrapAxis(batch_axis, shape.length);
    for (let i = 0; i < x.data.length; i++) {
      const at = Math.floor(i / strides[along]!) % shape[along]!;
      const length = lengths.data[Math.floor(i / strides[batch]!) % shape[batch]!]!;
      out.data[i] = x.data[at < length ? i + (length - 1 - 2 * at) * strides[along]! : i]!;
    }
  },
});

const slidingWindows = defineOp({
  type: "sliding_windows",
  summary: "all windows of size along an axis, in a new dim after it",
  since: "ios15",
  types: { T: { domain: { ios15: NUMBERS, ios17: domainAt(MOVABLE, "ios17") } } },
  inputs: {
    x: tensorInput("T"),
    axis: integer(),
    size: integer(),
    stride: optional(integer(), 1),
  },
  infer: ({ x, axis, size, stride }, scope) => {
    const along = positiveAxis("axis", axis, x.shape.length, scope);
    const shape = [...x.shape];
    if (size < 1 || size > shape[along]! || stride < 1) {
      const rule = `windows must fit into dim ${along}`;
      const actual = `size ${size}, stride ${stride}`;
      throw scope.error(rule, `size 1..${shape[along]} and a positive stride`, actual);
    }
    shape[along] = Math.floor((shape[along]! - size) / stride) + 1;
    shape.splice(along + 1, 0, size);
    return tensor(x.dtype, shape);
  },
  evaluate: ({ x, axis, stride }, [out]) => {
    const own = denseStrides(x.type.shape);
    const along = wrapAxis(axis, own.length);
    const strides = [...own];
    strides.splice(along, 1, own[along]! * stride, own[along]!);
    copyStrided(out.type.shape, { data: x.data, offset: 0, strides }, denseView(out));
  },
});

function cropPair(name: string, pair: readonly number[], scope: InferScope): void {
  if (pair.length !== 2 || pair.some((amount) => amount < 0)) {
    const rule = `"${name}" must be an amount before and one after`;
    throw scope.error(rule, "2 numbers, none negative", formatShape(pair));
  }
}

const crop = defineOp({
  type: "crop",
  summary: "the last two dims without some elements at their ends",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: { x: tensorInput("T"), crop_height: integers(), crop_width: integers() },
  infer: ({ x, crop_height, crop_width }, scope): TensorType => {
    if (x.shape.length < 3) {
      throw scope.error('"x" must have 3 dims or more', "rank 3 or more", formatShape(x.shape));
    }
    cropPair("crop_height", crop_height, scope);
    cropPair("crop_width", crop_width, scope);
    const shape = [...x.shape];
    const rank = shape.length;
    shape[rank - 2]! -= crop_height[0]! + crop_height[1]!;
    shape[rank - 1]! -= crop_width[0]! + crop_width[1]!;
    if (shape.some((dim) => dim < 1)) {
      throw scope.error("something must be left", "smaller amounts", formatShape(shape));
    }
    return tensor(x.dtype, shape);
  },
  evaluate: ({ x, crop_height, crop_width }, [out]) => {
    const strides = denseStrides(x.type.shape);
    const offset = crop_height[0]! * strides.at(-2)! + crop_width[0]! * strides.at(-1)!;
    copyStrided(out.type.shape, { data: x.data, offset, strides }, denseView(out));
  },
});

export const PADDING_OPS = {
  pad,
  tile,
  reverse,
  reverse_sequence: reverseSequence,
  sliding_windows: slidingWindows,
  crop,
} as const;
