/** Views, casts and concats: ops that compute nothing. They cost a copy only where strides cannot say what they mean. */
import type { GraphNode } from "./graph.js";
import type { Lowering } from "./lowering.js";
import { concatRegions } from "./placement.js";
import { isFloatCast, viewRules } from "./view-ops.js";

/** Lowers a view, a cast between fp16 and fp32, or a concat; false for any other node. */
export function lowerView(lowering: Lowering, node: GraphNode): boolean {
  const isRepresentable = Object.values(node.operands)
    .flat()
    .every((value) => lowering.isPlaced(value) || value.origin.kind === "literal");
  if (!isRepresentable) return false;
  if (isFloatCast(node)) lowerCast(lowering, node);
  else if (viewRules(node)) lowerViews(lowering, node);
  else if (node.type === "concat") lowerConcat(lowering, node);
  else return false;
  return true;
}

function lowerViews(lowering: Lowering, node: GraphNode): void {
  viewRules(node)!.forEach(({ source, forward }, index) => {
    let { buffer, layout } = lowering.placementOf(source);
    let view = forward(layout);
    if (!view) {
      ({ buffer, layout } = lowering.packed(source));
      view = forward(layout)!;
    }
    lowering.define(node.outputs[index]!, { buffer, layout: view });
  });
}

/** Widening changes nothing; narrowing rounds, unless the producer has already stored the value as fp16. */
function lowerCast(lowering: Lowering, node: GraphNode): void {
  const { output } = node;
  const source = lowering.placementOf(node.value("x"));
  const isRounded = lowering.dtypeAt(source) === "fp16" || lowering.storageOf(output) === "fp32";
  const target = isRounded ? source : lowering.destination(output, [source]);
  lowering.copy(output.name, source, target, node.constant);
  lowering.define(output, target);
}

/** The operands that have not been written to their places are moved there. */
function lowerConcat(lowering: Lowering, node: GraphNode): void {
  const place = lowering.concatPlace(node.output);
  concatRegions(node, place.layout).forEach((region, index) => {
    const value = node.values("values")[index]!;
    const target = { buffer: place.buffer, layout: region! };
    lowering.copy(node.output.name, lowering.placementOf(value), target, node.constant);
  });
  lowering.define(node.output, place);
}
