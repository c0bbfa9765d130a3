/** Gradients of ops that rename or reorder dims: the same elements in the shape that they had. */
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, VjpRule } from "../autodiff/vjp.js";
import { wrapAxis } from "./shape-rules.js";

const reshapeBack: VjpRule = ({ f, cotangent, value }) => ({
  x: reshapeTo(f, cotangent, value("x").type.shape),
});

const transpose: VjpRule = (vjp) => {
  const { f, cotangent } = vjp;
  const perm = vjp.numbers("perm").map((axis, _, { length }) => wrapAxis(axis, length));
  return { x: f.transpose({ x: cotangent, perm: perm.map((_, axis) => perm.indexOf(axis)) }) };
};

export const RESHAPING_GRADIENTS = {
  expand_dims: reshapeBack,
  flatten2d: reshapeBack,
  identity: ({ compactCotangent }) => ({ x: compactCotangent }),
  reshape: reshapeBack,
  // Of the reference tensors only the dims are read.
  reshape_like: (vjp) => ({ ...reshapeBack(vjp), ref_tensors: undefined }),
  shape: { zero: "dims do not depend on elements" },
  squeeze: reshapeBack,
  transpose,
} satisfies Rules;
