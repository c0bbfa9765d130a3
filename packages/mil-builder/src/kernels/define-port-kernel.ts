/**
 * Kernels whose surfaces would be too large as one: every slot is a port of its own, under the slot's name. The other
 * kernels share one input and one output surface, see `defineKernel`.
 */
import { buildProgram, type FunctionBuilder } from "../builder.js";
import type { Kernel, Slot, WeightSlot } from "../kernel.js";
import { hasOpset } from "../opset.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import type { KernelDims } from "./config.js";
import { keysOf } from "./slots.js";

export interface PortKernelDefinition<
  Input extends string,
  Output extends string,
  Weight extends string,
> {
  readonly name: string;
  readonly inputs: Readonly<Record<Input, Slot>>;
  readonly outputs: Readonly<Record<Output, Slot>>;
  readonly weights: Readonly<Record<Weight, WeightSlot>>;
  /** The formula. Activations are [1, channels, 1, S]; inputs and weights come in the order of their records. */
  readonly body: (
    f: FunctionBuilder,
    inputs: readonly Value[],
    weights: readonly Value[],
  ) => Readonly<Record<NoInfer<Output>, Value>>;
}

export function definePortKernel<
  Input extends string,
  Output extends string,
  Weight extends string,
>(
  { dtype, opset }: KernelDims,
  { body, ...kernel }: PortKernelDefinition<Input, Output, Weight>,
): Kernel<Input, Output, Weight> {
  const version = hasOpset(opset, "ios18") ? "1.3" : "1.0";
  const program = buildProgram({ opset, version }, (f) => {
    const inputs = keysOf(kernel.inputs).map((name) =>
      f.input(name, tensor(dtype, kernel.inputs[name].shape)),
    );
    const weights = keysOf(kernel.weights).map((name) => {
      const { shape, path } = kernel.weights[name];
      return f.blob(name, tensor(dtype, shape), path);
    });
    return body(f, inputs, weights);
  });
  return { ...kernel, program, constants: new Map() };
}
