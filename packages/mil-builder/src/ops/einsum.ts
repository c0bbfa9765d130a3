/**
 * The contraction of the last dim of a with dim -3 of b: [n, c, h, w] · [n, w, h, u] = [n, c, h, u], or the same without n.
 * n and h broadcast. Source: coremltools iOS15 linear.py, which knows only these two equations, whatever the letters.
 */
import { multiply } from "../evaluate/matrix.js";
import { broadcastTo, copyStrided, denseStrides, permuted } from "../evaluate/strided.js";
import { textInput, tupleInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { dimsAgree, formatShape, tensor } from "../tensor-type.js";
import { broadcastShapes } from "./shape-rules.js";

/** Equations with letters replaced by the order in which they first occur. */
const EQUATIONS: ReadonlyMap<string, number> = new Map([
  ["abcd,adce->abce", 4],
  ["abc,cbd->abd", 3],
]);

function canonical(equation: string): string {
  const letters = [...new Set(equation.replace(/[^A-Za-z]/g, ""))];
  return equation.replace(/[A-Za-z]/g, (letter) =>
    String.fromCharCode("a".charCodeAt(0) + letters.indexOf(letter)),
  );
}

export const einsum = defineOp({
  type: "einsum",
  summary: "nchw,nwhu->nchu or chw,whu->chu, n and h broadcast",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: { values: tupleInput("T"), equation: textInput() },
  infer: ({ values, equation }, scope) => {
    const rank = EQUATIONS.get(canonical(equation));
    if (rank === undefined) {
      const known = "nchw,nwhu->nchu or chw,whu->chu, with any letters";
      throw scope.error('"equation" must be one of the two known', known, `"${equation}"`);
    }
    const [x, y, ...more] = values;
    if (x === undefined || y === undefined || more.length > 0) {
      throw scope.error('"values" takes two tensors', "two", `${values.length}`);
    }
    checkShapes(x, y, rank, scope);
    const [batch, h] = batchAndHeight(x, y, scope);
    return tensor(x.dtype, [...batch, x.shape.at(-3)!, h, y.shape.at(-1)!]);
  },
  evaluate: ({ values }, [out]) => {
    const shape = out.type.shape;
    const [h, columns] = shape.slice(-2) as [number, number];
    const rows = shape.at(-3)!;
    const inner = values[0]!.type.shape.at(-1)!;
    const batch = shape.slice(0, -3);
    // As matrices per batch and h: [.., h, c, w] · [.., h, w, u] = [.., h, c, u].
    const left = matrices(values[0]!, [...batch, rows, h, inner], [-2, -3, -1]);
    const right = matrices(values[1]!, [...batch, inner, h, columns], [-2, -3, -1]);
    const product = new Float64Array(out.data.length);
    const dims = { m: rows, n: columns, k: inner };
    const count = product.length / (rows * columns);
    for (let i = 0; i < count; i++) {
      multiply(
        dims,
        left,
        i * rows * inner,
        right,
        i * inner * columns,
        product,
        i * rows * columns,
      );
    }
    const strides = denseStrides([...batch, h, rows, columns]);
    const lead = batch.length;
    const swapped = [
      ...strides.slice(0, lead),
      strides[lead + 1]!,
      strides[lead]!,
      strides[lead + 2]!,
    ];
    copyStrided(
      shape,
      { data: product, offset: 0, strides: swapped },
      { data: out.data, offset: 0, strides: denseStrides(shape) },
    );
  },
});

function checkShapes(x: TensorType, y: TensorType, rank: number, scope: InferScope): void {
  const fits =
    x.shape.length === rank &&
    y.shape.length === rank &&
    dimsAgree(x.shape.at(-1)!, y.shape.at(-3)!);
  if (!fits) {
    throw scope.error(
      "the last dim of the first tensor must be dim -3 of the second",
      `two tensors of rank ${rank}`,
      `${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    );
  }
}

/** The broadcast dims: what is before dim -3, and dim -2. */
function batchAndHeight(
  x: TensorType,
  y: TensorType,
  scope: InferScope,
): readonly [batch: readonly number[], h: number] {
  const batch = broadcastShapes(x.shape.slice(0, -3), y.shape.slice(0, -3), scope);
  const [h] = broadcastShapes([x.shape.at(-2)!], [y.shape.at(-2)!], scope);
  return [batch, h!];
}

/** Elements broadcast to `shape`, the last three dims in the order `last` (counted from the end). */
function matrices(value: Tensor, shape: readonly number[], last: readonly number[]): Float64Array {
  const full: Tensor = {
    type: tensor(value.type.dtype, shape),
    data: broadcastTo(value, shape),
  };
  const lead = [...shape.keys()].slice(0, -3);
  return permuted(full, [...lead, ...last.map((axis) => axis + shape.length)]);
}
