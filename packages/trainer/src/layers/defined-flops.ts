/** Arithmetic of a micro-step of a defined model: matrix products and convolutions, two operations per multiply-add. */
import { kernelFlops } from "@ane/mil-builder";
import { arenaLayout } from "../model-record.js";
import type { ModelDefinition } from "./define-model.js";
import type { DefinedKernels } from "./defined-kernels.js";

/** What the kernels compute, the products on the CPU and the head. @param classes C of the loss */
export function definedFlops(
  { record, layers }: ModelDefinition,
  kernels: DefinedKernels,
  seq: number,
  classes: number,
): number {
  const device = kernels.layers
    .flatMap(({ forward, backward }) => [forward, ...backward])
    .reduce((sum, kernel) => sum + kernelFlops(kernel), 0);
  const { entries } = arenaLayout(record);
  const products = kernels.layers.reduce((sum, { weightGradients }, i) => {
    const own = weightGradients.filter(({ kind }) => kind === "product");
    const { row } = layers[i]!;
    const lengthOf = (parameter: string) =>
      entries.find(({ name }) => name.startsWith(`layers.${i}.`) && name.endsWith(`.${parameter}`))!
        .length;
    return sum + own.reduce((all, { parameter }) => all + 2 * row * lengthOf(parameter), 0);
  }, 0);
  const dim = layers.at(-1)!.outputShape[1];
  return device + products + 3 * (2 * seq * classes * dim);
}
