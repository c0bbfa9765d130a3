/** Lowers a program: graph, fusion, wishes for layouts, steps, scratch memory. */
import type { Program } from "@ane/mil-builder";
import type { WeightFiles } from "../device.js";
import { fuse } from "./fuse.js";
import { buildGraph, type Graph, type GraphNode } from "./graph.js";
import { makeLoops } from "./loops.js";
import { FUSION_RULES, lowerElementwise } from "./lower-elementwise.js";
import { lowerProduct } from "./lower-product.js";
import { lowerReference } from "./lower-reference.js";
import { lowerRows } from "./lower-rows.js";
import { lowerView } from "./lower-views.js";
import { Lowering, type Numerics } from "./lowering.js";
import { Masks } from "./masks.js";
import type { Plan } from "./plan.js";
import { assignScratch } from "./scratch.js";
import { checkProgram, entryFunction, portsOf } from "./source.js";
import { makeStages } from "./stages.js";

/**
 * @param weights if given, the plan makes use of what masks among them leave visible, and serves only kernels for which
 * `holds` is true
 * @throws CompileError
 */
export function makePlan(
  kernel: string,
  program: Program,
  numerics: Numerics,
  weights?: WeightFiles,
): Plan {
  checkProgram(kernel, program);
  const main = entryFunction(kernel, program);
  const ports = portsOf(kernel, main);
  const graph = buildGraph(main);
  const units = fuse(graph.nodes, FUSION_RULES);
  const lowering = new Lowering(graph, units, ports, numerics);
  for (const { nodes, elementwise } of units) {
    if (elementwise) lowerElementwise(lowering, nodes);
    else lowerNode(lowering, nodes[0]!);
  }
  graph.outputs.forEach((value, index) => {
    lowering.copy(value.name, lowering.placementOf(value), lowering.output(index), false);
  });
  const { preparation } = lowering;
  const masks = new Masks(kernel, weights);
  const looped = makeLoops(lowering.steps, lowering.buffers, (mask) => masks.visible(mask));
  const { steps } = looped;
  const { buffers, scratchBytes } = assignScratch(looped.buffers, steps);
  return {
    functionName: main.name,
    numerics,
    ...ports,
    buffers,
    blobs: blobsOf(graph),
    assumptions: masks.assumptions,
    preparation,
    steps,
    preparationStages: makeStages(buffers, preparation),
    stages: makeStages(buffers, steps),
    scratchBytes,
  };
}

function blobsOf({ nodes, outputs }: Graph): Plan["blobs"] {
  const values = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs]);
  return [...values].flatMap(({ name, origin }) =>
    origin.kind === "blob" ? [[name, origin.reference] as const] : [],
  );
}

function lowerNode(lowering: Lowering, node: GraphNode): void {
  const isLowered =
    lowerView(lowering, node) || lowerProduct(lowering, node) || lowerRows(lowering, node);
  if (!isLowered) lowerReference(lowering, node);
}
