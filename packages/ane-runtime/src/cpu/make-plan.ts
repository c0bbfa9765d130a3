/** Lowers a program: graph, fusion, wishes for layouts, steps, scratch memory. */
import type { Program } from "@ane/mil-builder";
import { fuse } from "./fuse.js";
import { buildGraph, type Graph, type GraphNode } from "./graph.js";
import { FUSION_RULES, lowerElementwise } from "./lower-elementwise.js";
import { lowerProduct } from "./lower-product.js";
import { lowerReference } from "./lower-reference.js";
import { lowerRows } from "./lower-rows.js";
import { lowerView } from "./lower-views.js";
import { Lowering, type Numerics } from "./lowering.js";
import type { Plan } from "./plan.js";
import { assignScratch } from "./scratch.js";
import { checkProgram, entryFunction, portsOf } from "./source.js";

/** @throws CompileError */
export function makePlan(kernel: string, program: Program, numerics: Numerics): Plan {
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
  const { steps, preparation } = lowering;
  const { buffers, scratchBytes } = assignScratch(lowering.buffers, steps);
  return {
    functionName: main.name,
    numerics,
    ...ports,
    buffers,
    blobs: blobsOf(graph),
    preparation,
    steps,
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
