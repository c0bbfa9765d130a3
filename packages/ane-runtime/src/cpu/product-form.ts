/** How matmul, linear and 1×1 convolutions read as matrix products, in terms of layouts. */
import type { GraphNode, GraphValue } from "./graph.js";
import {
  broadcastLayout,
  type Layout,
  reshapeLayout,
  shapeOf,
  sliceLayout,
  transposeLayout,
} from "./layout.js";
import { elementCount } from "./shape.js";

/** C [batch…, m, n] = A [batch…, m, k] · B [batch…, k, n] + bias, each from where an operand or the result lies. */
export interface ProductForm {
  readonly left: GraphValue;
  readonly right: GraphValue;
  readonly bias?: { readonly value: GraphValue; layout(own: Layout): Layout };
  a(left: Layout): Layout | undefined;
  b(right: Layout): Layout | undefined;
  c(result: Layout): Layout | undefined;
}

/** The product that a node is, or undefined if it is none. */
export function productForm(node: GraphNode): ProductForm | undefined {
  switch (node.type) {
    case "matmul":
      return matmulForm(node);
    case "linear":
      return linearForm(node);
    case "conv":
      return convForm(node);
    default:
      return undefined;
  }
}

/** Vectors are a row on the left and a column on the right; batch dims broadcast. */
function matmulForm(node: GraphNode): ProductForm {
  const [left, right] = [node.value("x"), node.value("y")];
  const isRow = left.shape.length === 1;
  const isColumn = right.shape.length === 1;
  const { shape } = node.output;
  const batch = shape.slice(0, shape.length - (isRow ? 0 : 1) - (isColumn ? 0 : 1));
  const matrix = (layout: Layout, transpose: boolean): Layout => {
    const { offset, dims } = layout;
    const [rows, columns] = dims.slice(-2);
    const last = transpose ? [columns!, rows!] : [rows!, columns!];
    const size = shapeOf({ offset, dims: last });
    return broadcastLayout({ offset, dims: [...dims.slice(0, -2), ...last] }, [...batch, ...size]);
  };
  return {
    left,
    right,
    a: ({ offset, dims }) =>
      matrix({ offset, dims: isRow ? [[], ...dims] : dims }, node.flag("transpose_x")),
    b: ({ offset, dims }) =>
      matrix({ offset, dims: isColumn ? [...dims, []] : dims }, node.flag("transpose_y")),
    c: ({ offset, dims }) => {
      const rank = batch.length;
      const rows = isRow ? [] : dims[rank]!;
      const columns = isColumn ? [] : dims.at(-1)!;
      return { offset, dims: [...dims.slice(0, rank), rows, columns] };
    },
  };
}

/** x [rows…, k] · weight [n, k]ᵀ */
function linearForm(node: GraphNode): ProductForm {
  const [left, right] = [node.value("x"), node.value("weight")];
  const [n, k] = right.shape as [number, number];
  const m = elementCount(left.shape) / k;
  const form: ProductForm = {
    left,
    right,
    a: (layout) => reshapeLayout(layout, [m, k]),
    b: (layout) => transposeLayout(layout, [1, 0]),
    c: (layout) => reshapeLayout(layout, [m, n]),
  };
  if (!node.has("bias")) return form;
  const shape = node.output.shape;
  return {
    ...form,
    bias: { value: node.value("bias"), layout: (own) => broadcastLayout(own, shape) },
  };
}

/** weight [groups, out, in] · x [N, groups, in, positions], for kernels of one element without padding. */
function convForm(node: GraphNode): ProductForm | undefined {
  const [weight, x] = [node.value("weight"), node.value("x")];
  const [batch, inputs, ...spatial] = x.shape as [number, number, ...number[]];
  const [outputs, , ...kernel] = weight.shape as [number, number, ...number[]];
  const isPadded =
    node.text("pad_type") === "custom" && node.numbers("pad")?.some((pad) => pad !== 0);
  if (kernel.some((size) => size !== 1) || isPadded) return undefined;
  const groups = node.number("groups")!;
  const strides = node.numbers("strides") ?? spatial.map(() => 1);
  const { shape } = node.output;
  const sampled = [batch, inputs, ...shape.slice(2)];
  const positions = elementCount(shape.slice(2));
  const [i, o] = [inputs / groups, outputs / groups];
  const form: ProductForm = {
    left: weight,
    right: x,
    a: (layout) => {
      const matrix = reshapeLayout(layout, [1, groups, o, i]);
      return matrix && broadcastLayout(matrix, [batch, groups, o, i]);
    },
    b: (layout) => {
      const part = sliceLayout(
        layout,
        x.shape.map(() => 0),
        sampled,
        [1, 1, ...strides],
      );
      return part && reshapeLayout(part, [batch, groups, i, positions]);
    },
    c: (layout) => reshapeLayout(layout, [batch, groups, o, positions]),
  };
  if (!node.has("bias")) return form;
  const perChannel = (own: Layout): Layout =>
    broadcastLayout({ offset: own.offset, dims: [own.dims[0]!, ...spatial.map(() => [])] }, shape);
  return { ...form, bias: { value: node.value("bias"), layout: perChannel } };
}
