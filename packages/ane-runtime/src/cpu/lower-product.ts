/**
 * Matrix products: matmul, linear and 1×1 convolutions become calls of gemm, which takes strides, so that no operand is
 * transposed or repeated in memory.
 */
import { gemmShape } from "./gemm-shape.js";
import type { GraphNode } from "./graph.js";
import { type Layout, packedLayout } from "./layout.js";
import type { Lowering } from "./lowering.js";
import type { Placement } from "./plan.js";
import { type ProductForm, productForm } from "./product-form.js";
import { type GemmShape, gemmStep } from "./steps/gemm-step.js";

/** Lowers a node that is a matrix product of floats; false if it is not. */
export function lowerProduct(lowering: Lowering, node: GraphNode): boolean {
  const form = productForm(node);
  if (!form || !isNative(lowering, node, form)) return false;
  let [left, right] = [lowering.placementOf(form.left), lowering.placementOf(form.right)];
  // gemm needs one stride along k: an operand that has several there is packed first.
  if ((form.a(left.layout)?.dims.at(-1)?.length ?? 2) > 1) left = lowering.packed(form.left);
  if ((form.b(right.layout)?.dims.at(-2)?.length ?? 2) > 1) right = lowering.packed(form.right);
  if (!shapeOfCall(form, left, right, packedLayout(node.output.shape))) {
    [left, right] = [lowering.packed(form.left), lowering.packed(form.right)];
  }
  const accepts = (result: Layout) =>
    mayRoundBias(lowering, form) && shapeOfCall(form, left, right, result) !== undefined;
  const target = lowering.destination(node.output, [left, right], { accepts });
  if (form.bias) {
    const own = lowering.placementOf(form.bias.value);
    const repeated = { buffer: own.buffer, layout: form.bias.layout(own.layout) };
    lowering.copy(node.output.name, repeated, target, node.constant);
  }
  const shape = shapeOfCall(form, left, right, target.layout)!;
  lowering.emit(gemmStep(node, [left, right, target], shape), node.constant);
  lowering.define(node.output, target);
  return true;
}

function isNative(lowering: Lowering, { output }: GraphNode, form: ProductForm): boolean {
  const { left, right, bias } = form;
  const values = bias ? [left, right, bias.value] : [left, right];
  if (!values.every((value) => lowering.isPlaced(value))) return false;
  const dtypes = values.map((value) => lowering.dtypeAt(lowering.placementOf(value)));
  const result = lowering.storageOf(output);
  const isFloat = result !== "fp64" && !dtypes.includes("fp64");
  return isFloat && (result === "fp32" || mayRoundBias(lowering, form));
}

/** A bias is the product's initial value: an fp32 one must not be stored as fp16 before the sum is. */
function mayRoundBias(lowering: Lowering, { bias }: ProductForm): boolean {
  return !bias || lowering.dtypeAt(lowering.placementOf(bias.value)) === "fp16";
}

function shapeOfCall(
  form: ProductForm,
  left: Placement,
  right: Placement,
  result: Layout,
): GemmShape | undefined {
  const [a, b, c] = [form.a(left.layout), form.b(right.layout), form.c(result)];
  return a && b && c ? gemmShape({ a, b, c }, form.bias !== undefined) : undefined;
}
