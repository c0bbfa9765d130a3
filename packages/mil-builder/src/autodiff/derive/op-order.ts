/**
 * The order in which a kernel does its ops: in turn, products with weights and everything else, each op in the first such phase in which
 * its operands are there. So what lies between two products, such as attention, stays together and can be done head by head.
 */
import { operandsOf } from "../../arguments.js";
import type { Operation } from "../../program.js";
import type { TrainingGraph } from "./training-graph.js";

const PRODUCTS = ["conv", "matmul", "linear"];

/** @param returned Tensors to be computed. @param fed Tensors that are there. */
export function opOrder(
  graph: TrainingGraph,
  returned: readonly string[],
  fed: ReadonlySet<string>,
): readonly Operation[] {
  const phases = new Map<Operation, number>();
  const isProduct = (operation: Operation) =>
    PRODUCTS.includes(operation.type) &&
    operandsOf(operation).some(({ name }) => graph.isFixed(name));
  const isThere = (name: string) => graph.isFixed(name) || fed.has(graph.tensorOf(name));
  const phaseOf = (operation: Operation): number => {
    const known = phases.get(operation);
    if (known !== undefined) return known;
    const parity = isProduct(operation) ? 0 : 1;
    let phase = parity;
    for (const { name } of operandsOf(operation)) {
      const producer = isThere(name) ? undefined : graph.producer(name);
      if (producer === undefined) continue;
      const before = phaseOf(producer);
      phase = Math.max(phase, before % 2 === parity ? before : before + 1);
    }
    phases.set(operation, phase);
    return phase;
  };
  for (const name of returned) {
    const producer = isThere(name) ? undefined : graph.producer(name);
    if (producer !== undefined) phaseOf(producer);
  }
  // Operands were entered before what reads them, and sorting is stable.
  return [...phases].sort(([, a], [, b]) => a - b).map(([operation]) => operation);
}
