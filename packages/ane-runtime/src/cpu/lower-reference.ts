/**
 * Ops without native code run on the reference evaluation of the op table: as a program of that one op, interpreted at
 * every evaluation. Slow, but everything that type-checks runs.
 */
import type { Constant, Operation, Program } from "@ane/mil-builder";
import type { GraphNode, GraphValue } from "./graph.js";
import type { Lowering } from "./lowering.js";
import { referenceStep } from "./steps/reference-step.js";

export function lowerReference(lowering: Lowering, node: GraphNode): void {
  const operands = [...new Set(Object.values(node.operands).flat())];
  const computed = operands.filter((value) => constantOf(value) === undefined);
  const program = oneOpProgram(lowering, node, operands);
  const reads = computed.map((value) => lowering.placementOf(value));
  const writes = node.outputs.map((value) => lowering.destination(value, reads));
  lowering.emit(referenceStep(program, lowering.numerics, reads, writes), node.constant);
  node.outputs.forEach((value, index) => {
    lowering.define(value, writes[index]!);
  });
}

function constantOf({ origin }: GraphValue): Constant | undefined {
  if (origin.kind === "literal") return origin.literal;
  return origin.kind === "blob" ? origin.reference : undefined;
}

/** The op with its consts; what the rest of the function computes becomes inputs. */
function oneOpProgram(
  { graph }: Lowering,
  { operation }: GraphNode,
  operands: readonly GraphValue[],
): Program {
  const inputs = operands.filter((value) => constantOf(value) === undefined);
  // Inline constants have no name: they stay where they are, inside the op.
  const constants = operands.flatMap((value): Operation[] => {
    const constant = constantOf(value);
    const { name, type } = value;
    if (!constant || name === "") return [];
    return [
      { type: "const", inputs: {}, attributes: { val: constant }, outputs: [{ name, type }] },
    ];
  });
  return {
    version: "1.3",
    buildInfo: {},
    functions: [
      {
        name: "main",
        opset: graph.function.opset,
        inputs: inputs.map(({ name, type }) => ({ name, type })),
        operations: [...constants, operation],
        outputs: operation.outputs,
      },
    ],
  };
}
