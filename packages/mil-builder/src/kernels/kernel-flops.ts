/** Arithmetic of a kernel, for throughput figures. */
import type { Kernel } from "../kernel.js";
import type { Argument, Operation, TensorType } from "../program.js";
import { elementCount, staticTypeOf } from "../tensor-type.js";

/** Floating-point operations of one evaluation: 2 per multiply-add of every conv and matmul; the rest is not counted. */
export function kernelFlops({ program }: Pick<Kernel, "program">): number {
  return program.functions
    .flatMap(({ operations }) => operations)
    .reduce((total, operation) => total + operationFlops(operation), 0);
}

/** 2 per multiply-add of a conv or matmul, 0 for other ops. */
export function operationFlops({ type, inputs, outputs }: Operation): number {
  if (type !== "conv" && type !== "matmul") return 0;
  const result = staticTypeOf(outputs[0]!).shape;
  return 2 * elementCount(result) * sumLength(type, result, inputs);
}

/** Products that add up to one result. */
function sumLength(
  type: "conv" | "matmul",
  result: readonly number[],
  inputs: Operation["inputs"],
): number {
  if (type === "conv") return elementCount(shapeOf(inputs.weight).slice(1));
  // x holds rows × length or, transposed, length × rows; the result has as many rows.
  return elementCount(shapeOf(inputs.x).slice(-2)) / result.at(-2)!;
}

function shapeOf(argument: Argument | undefined): TensorType["shape"] {
  if (argument?.kind === "value") return staticTypeOf(argument.value).shape;
  return argument?.kind === "literal" || argument?.kind === "blob" ? argument.type.shape : [];
}
