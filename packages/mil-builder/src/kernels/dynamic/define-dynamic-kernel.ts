/**
 * Turns a formula over a packed surface into a `DynamicKernel`: one input port "x", from which the formula's activations and
 * weights are sliced, and one output port "out", into which its results are joined on the channel axis.
 */
import { buildProgram, type FunctionBuilder } from "../../builder.js";
import type { DynamicKernel, Slot, StagedWeight } from "../../kernel.js";
import { hasOpset } from "../../opset.js";
import type { Value } from "../../program.js";
import { tensor } from "../../tensor-type.js";
import type { KernelDims } from "../config.js";
import type { ConstantBlob } from "../constant-blob.js";
import { channelSlots, keysOf, writeSlots } from "../slots.js";
import type { PackedSurface } from "./packed-surface.js";

export interface DynamicKernelDefinition<
  Activation extends string,
  Weight extends string,
  Input extends Activation,
  Output extends string,
  Constant extends string,
> {
  readonly name: string;
  readonly surface: PackedSurface<Activation, Weight>;
  /** The activations that this kernel reads. */
  readonly inputs: readonly Input[];
  /** Channels of each output slot, in order. */
  readonly outputs: Readonly<Record<Output, number>>;
  readonly constants: Readonly<Record<Constant, ConstantBlob>>;
  /** The formula. Activations are [1, channels, 1, S]. */
  readonly body: (
    f: FunctionBuilder,
    inputs: Readonly<Record<Input, Value>>,
    weights: WeightReader<Weight>,
    constants: Readonly<Record<Constant, Value>>,
  ) => Readonly<Record<NoInfer<Output>, Value>>;
}

/** Matrices [1, 1, rows, D] of weights that lie one below the other: as many rows as they have together. */
export type WeightReader<Weight extends string> = (...names: readonly Weight[]) => Value;

export function defineDynamicKernel<
  Activation extends string,
  Weight extends string,
  Input extends Activation,
  Output extends string,
  Constant extends string,
>(
  { S, dtype, opset }: KernelDims,
  {
    name,
    surface,
    body,
    ...definition
  }: DynamicKernelDefinition<Activation, Weight, Input, Output, Constant>,
): DynamicKernel<Input, Output, Weight> {
  const inputs = Object.fromEntries(
    definition.inputs.map((input) => [input, surface.activations[input]]),
  ) as Record<Input, Slot>;
  const outputs = channelSlots("out", S, definition.outputs);
  // Core ML prints dialect 1.3 from ios18 on; the older one is all that M1 and M2 are known to read.
  const version = hasOpset(opset, "ios18") ? "1.3" : "1.0";
  const program = buildProgram({ opset, version }, (f) => {
    const x = f.input("x", tensor(dtype, surface.shape));
    const slice = (slot: Slot, of: string) =>
      f.slice_by_size({ x, begin: [0, slot.start, 0, slot.column ?? 0], size: slot.shape }, of);
    const activations = definition.inputs.map((input) => [input, slice(inputs[input], input)]);
    const constants = keysOf(definition.constants).map((constant) => {
      const { path, type } = definition.constants[constant];
      return [constant, f.blob(constant, type, path)];
    });
    const weights: WeightReader<Weight> = (...names) => {
      const of = names.join("_");
      const rows = slice(stacked(names.map((weight) => surface.weights[weight])), `${of}_rows`);
      return f.transpose({ x: rows, perm: [0, 2, 1, 3] }, of);
    };
    const results = body(
      f,
      Object.fromEntries(activations) as Record<Input, Value>,
      weights,
      Object.fromEntries(constants) as Record<Constant, Value>,
    );
    return { out: writeSlots(f, outputs, results) };
  });
  const files = Object.values<ConstantBlob>(definition.constants);
  return {
    name,
    program,
    inputs,
    outputs,
    weights: {},
    staged: surface.weights,
    constants: new Map(files.map(({ path, file }) => [path, file])),
  };
}

/** The slot of weights that follow each other in one stack. */
function stacked(weights: readonly StagedWeight[]): Slot {
  const [first, ...others] = weights.map(({ slot }) => slot) as [Slot, ...Slot[]];
  const size = others.reduce((total, slot) => total + slot.size, first.size);
  return { ...first, size, shape: [1, size, 1, first.shape[3]] };
}
