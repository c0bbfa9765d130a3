/** Fused groups of elementwise ops: one pass over their elements that keeps what only the group reads in registers. */
import { ElementwiseCode, type Register } from "./elementwise-code.js";
import { appendOp, isElementwise, tensorOperands } from "./elementwise-ops.js";
import type { FusionRules } from "./fuse.js";
import type { GraphNode, GraphValue } from "./graph.js";
import {
  broadcastLayout,
  inMemoryOrder,
  type Layout,
  type LoopNest,
  loopNest,
  packedLayout,
  packedLike,
  sameLayout,
} from "./layout.js";
import type { Lowering, Numerics } from "./lowering.js";
import type { Placement } from "./plan.js";
import { elementCount, type Shape, sameShape } from "./shape.js";
import { elementwiseStep } from "./steps/elementwise-step.js";

/** Registers of the elementwise machine. */
const REGISTERS = 32;

/** Ops fuse that have one shape; those of constants alone run when a kernel is compiled. */
export const FUSION_RULES: FusionRules = {
  key: (node) =>
    isElementwise(node) ? `${node.constant ? "constant" : ""}${node.output.shape}` : undefined,
  fits: (nodes) => assemble(nodes, "fp16").program.registers <= REGISTERS,
};

interface Assembled {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Arithmetic instructions per element. */
  readonly operations: number;
  readonly program: ReturnType<ElementwiseCode["assemble"]>;
}

/** The group as a program: what it reads, what must be stored, and the instructions between. */
function assemble(nodes: readonly GraphNode[], numerics: Numerics): Assembled {
  const code = new ElementwiseCode();
  const registers = new Map<GraphValue, Register>();
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  const registerOf = (value: GraphValue): Register => {
    const known = registers.get(value);
    if (known !== undefined) return known;
    const scalar = scalarOf(value);
    const register =
      scalar === undefined ? code.load(inputs.push(value) - 1) : code.constant(scalar);
    registers.set(value, register);
    return register;
  };
  for (const node of nodes) {
    const { output } = node;
    const operands = tensorOperands(node).map(registerOf);
    const rounded = numerics === "fp16" && output.type.dtype === "fp16";
    const register = appendOp(code, node, operands, rounded);
    registers.set(output, register);
    const isReadOutside = [...output.readers].some((reader) => !nodes.includes(reader));
    if (output.returned || isReadOutside) code.store(outputs.push(output) - 1, register);
  }
  return { inputs, outputs, operations: code.operations, program: code.assemble() };
}

/** The value of a constant of one element. */
function scalarOf({ origin, shape }: GraphValue): number | undefined {
  if (origin.kind !== "literal" || elementCount(shape) !== 1) return undefined;
  return Number(origin.literal.elements[0]);
}

/** Lowers a group of elementwise ops of one shape to one step. */
export function lowerElementwise(lowering: Lowering, nodes: readonly GraphNode[]): void {
  const { inputs, outputs, operations, program } = assemble(nodes, lowering.numerics);
  const { shape } = nodes[0]!.output;
  const { constant } = nodes[0]!;
  const like = memoryOrderOf(lowering, inputs, shape);
  const reads = inputs.map((value) => lowering.placementOf(value));
  let targets = outputs.map((value) => lowering.destination(value, reads, { like }));
  let sources = inputs.map((value) => suitableOperand(lowering, value, targets[0]!.layout));
  let nest = nestOf(targets, sources, shape);
  if (!nest) {
    // Dims are split in ways that no common loop nest has: one plain order for all.
    sources = inputs.map((value) => lowering.packed(value));
    targets = outputs.map((value) => lowering.allocate(value));
    nest = nestOf(targets, sources, shape)!;
  }
  const step = elementwiseStep(outputs.map(({ name }) => name).join(", "), {
    nodes,
    reads: sources,
    writes: targets,
    nest,
    program: {
      code: program.code,
      constants: program.constants,
      roundHalf: lowering.numerics === "fp16",
    },
    flops: operations * elementCount(shape),
  });
  lowering.emit(step, constant);
  outputs.forEach((value, index) => {
    lowering.define(value, targets[index]!);
  });
}

/** The memory order of the first operand that is computed and has all elements: the results follow it. */
function memoryOrderOf(lowering: Lowering, inputs: readonly GraphValue[], shape: Shape): Layout {
  const leading = inputs.find((value) => !value.constant && sameShape(value.shape, shape));
  return leading ? lowering.placementOf(leading).layout : packedLayout(shape);
}

/** A constant is laid out once for all in the order in which the pass runs; anything else is read where it is. */
function suitableOperand(lowering: Lowering, value: GraphValue, target: Layout): Placement {
  const placement = lowering.placementOf(value);
  if (!value.constant) return placement;
  const missing = target.dims.length - value.shape.length;
  const dims = value.shape.map((size, axis) => (size === 1 ? [] : target.dims[axis + missing]!));
  const wanted = packedLike({ offset: 0, dims });
  return sameLayout({ ...placement.layout, offset: 0 }, wanted)
    ? placement
    : lowering.packed(value, wanted);
}

/** Loops in the memory order of the first result, strides of the results before those of the operands. */
function nestOf(
  targets: readonly Placement[],
  sources: readonly Placement[],
  shape: Shape,
): LoopNest | undefined {
  const repeated = sources.map(({ layout }) => broadcastLayout(layout, shape));
  const nest = loopNest([...targets.map(({ layout }) => layout), ...repeated]);
  return nest && inMemoryOrder(nest);
}
