/** Ops on the order of elements along an axis. Source: coremltools iOS15 to iOS17 tensor_operation.py. */
import { axisView, forEachLine } from "../evaluate/along-axis.js";
import { choice, flag, from, integer, optional, tensorInput } from "../input-spec.js";
import { defineOp, NUMBERS } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { tensor } from "../tensor-type.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

/** Sums of the elements up to each (before it, if exclusive), from the end if reverse. */
const cumsum = defineOp({
  type: "cumsum",
  summary: "sums of the elements along axis up to each one",
  since: "ios15",
  types: { T: { domain: NUMBERS } },
  inputs: {
    x: tensorInput("T"),
    axis: optional(integer(), 0),
    exclusive: optional(flag(), false),
    reverse: optional(flag(), false),
  },
  infer: ({ x, axis }, scope) => {
    positiveAxis("axis", axis, x.shape.length, scope);
    return x;
  },
  evaluate: ({ x, axis, exclusive, reverse }, [out]) => {
    const view = axisView(x.type.shape, wrapAxis(axis, x.type.shape.length));
    forEachLine(view, (start) => {
      let sum = 0;
      for (let step = 0; step < view.length; step++) {
        const i = start + (reverse ? view.length - 1 - step : step) * view.inner;
        const next = sum + x.data[i]!;
        out.data[i] = exclusive ? sum : next;
        sum = next;
      }
    });
  },
});

/** Positions along a line, best first; of equal elements the first comes first. */
function sortedPositions(
  { data }: Tensor,
  start: number,
  { length, inner }: { readonly length: number; readonly inner: number },
  ascending: boolean,
): readonly number[] {
  const sign = ascending ? 1 : -1;
  const at = (position: number) => data[start + position * inner]!;
  return Array.from({ length }, (_, position) => position).sort(
    (a, b) => sign * (at(a) - at(b)) || a - b,
  );
}

const argsort = defineOp({
  type: "argsort",
  summary: "positions of the elements along axis, in the order of their values",
  since: "ios15",
  types: { T: { domain: NUMBERS } },
  inputs: {
    x: tensorInput("T"),
    axis: optional(integer(), -1),
    ascending: optional(flag(), false),
  },
  infer: ({ x, axis }, scope) => {
    positiveAxis("axis", axis, x.shape.length, scope);
    return tensor("int32", x.shape);
  },
  evaluate: ({ x, axis, ascending }, [out]) => {
    const view = axisView(x.type.shape, wrapAxis(axis, x.type.shape.length));
    forEachLine(view, (start) => {
      sortedPositions(x, start, view, ascending).forEach((position, rank) => {
        out.data[start + rank * view.inner] = position;
      });
    });
  },
});

/** `sort` false promises no order; here it is the same. */
const topk = defineOp({
  type: "topk",
  summary: "the k largest (or smallest) elements along axis, and their positions",
  since: "ios15",
  types: {
    T: { domain: { ios15: NUMBERS, ios17: [...NUMBERS, "int8", "int16", "uint8", "uint16"] } },
  },
  inputs: {
    x: tensorInput("T"),
    k: optional(integer({ ios15: ["int32"], ios17: ["int8", "int16", "int32"] }), 1),
    axis: optional(integer(), -1),
    ascending: optional(flag(), false),
    sort: from("ios16", optional(flag(), true)),
    return_indices: from("ios16", optional(flag(), true)),
    output_indices_dtype: from("ios17", optional(choice(["int32", "uint16"]))),
  },
  results: ["values", "indices"],
  infer: ({ x, k, axis, return_indices, output_indices_dtype }, scope): readonly TensorType[] => {
    const along = positiveAxis("axis", axis, x.shape.length, scope);
    const shape = [...x.shape];
    if ((k < 1 && k !== -1) || k > shape[along]!) {
      const rule = `"k" must be a number of elements of dim ${along}, or -1 for all`;
      throw scope.error(rule, `-1 or 1..${shape[along]}`, `${k}`);
    }
    if (k !== -1) shape[along] = k;
    if (return_indices) {
      return [tensor(x.dtype, shape), tensor(output_indices_dtype ?? "int32", shape)];
    }
    if (output_indices_dtype !== undefined) {
      const rule = '"output_indices_dtype" goes with "return_indices"';
      throw scope.error(rule, "none", output_indices_dtype);
    }
    return [tensor(x.dtype, shape)];
  },
  evaluate: ({ x, axis, ascending }, [values, indices]) => {
    const along = wrapAxis(axis, x.type.shape.length);
    const view = axisView(x.type.shape, along);
    const kept = values.type.shape[along]!;
    forEachLine(view, (start) => {
      const block = Math.floor(start / (view.length * view.inner));
      const first = block * kept * view.inner + (start % view.inner);
      const best = sortedPositions(x, start, view, ascending).slice(0, kept);
      best.forEach((position, rank) => {
        const target = first + rank * view.inner;
        values.data[target] = x.data[start + position * view.inner]!;
        if (indices !== undefined) indices.data[target] = position;
      });
    });
  },
});

export const ORDERING_OPS = { argsort, cumsum, topk } as const;
