/**
 * Turns a kernel's table row (slots, weights, constants) and its formula into a `Kernel`: one input surface "x" cut into
 * the input slots, the formula, its results joined into one output surface.
 */
import { buildProgram, type FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import { hasOpset } from "../opset.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import type { KernelDims } from "./config.js";
import { type ConstantBlob, weightPath } from "./constant-blob.js";
import {
  channelCount,
  channelSlots,
  keysOf,
  readSlot,
  type WeightShape,
  writeSlots,
} from "./slots.js";

export interface KernelDefinition<
  Input extends string,
  Output extends string,
  Weight extends string,
  Constant extends string,
> {
  readonly name: string;
  /** Channels of each input slot, in order. */
  readonly inputs: Readonly<Record<Input, number>>;
  /** Channels of each output slot, in order. */
  readonly outputs: Readonly<Record<Output, number>>;
  readonly weights: Readonly<Record<Weight, WeightShape>>;
  readonly constants: Readonly<Record<Constant, ConstantBlob>>;
  /** The formula. Activations are [1, channels, 1, S]. */
  readonly body: (
    f: FunctionBuilder,
    inputs: Readonly<Record<Input, Value>>,
    weights: Readonly<Record<Weight, Value>>,
    constants: Readonly<Record<Constant, Value>>,
  ) => Readonly<Record<NoInfer<Output>, Value>>;
}

export function defineKernel<
  Input extends string,
  Output extends string,
  Weight extends string,
  Constant extends string,
>(
  { S, dtype, opset }: Pick<KernelDims, "S" | "dtype" | "opset">,
  definition: KernelDefinition<Input, Output, Weight, Constant>,
): Kernel<Input, Output, Weight> {
  const { name } = definition;
  const inputs = channelSlots("x", S, definition.inputs);
  const outputs = channelSlots("out", S, definition.outputs);
  const weights = mapRecord(definition.weights, (shape, weight) => ({
    path: weightPath(weight),
    ...shape,
  }));
  // Core ML prints dialect 1.3 from ios18 on; the older one is all that M1 and M2 are known to read.
  const version = hasOpset(opset, "ios18") ? "1.3" : "1.0";
  const program = buildProgram({ opset, version }, (f) => {
    const x = f.input("x", tensor(dtype, [1, channelCount(inputs), 1, S]));
    const results = definition.body(
      f,
      mapRecord(inputs, (slot, input) => readSlot(f, x, slot, input)),
      mapRecord(weights, ({ path, shape, dtype: own = dtype }, weight) =>
        f.blob(weight, tensor(own, shape), path),
      ),
      mapRecord(definition.constants, ({ path, type }, constant) => f.blob(constant, type, path)),
    );
    return { out: writeSlots(f, outputs, results) };
  });
  const constants = new Map(
    Object.values<ConstantBlob>(definition.constants).map(({ path, file }) => [path, file]),
  );
  return { name, program, inputs, outputs, weights, constants };
}

function mapRecord<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From, key: Key) => To,
): Record<Key, To> {
  const entries = keysOf(record).map((key) => [key, map(record[key], key)] as const);
  return Object.fromEntries(entries) as Record<Key, To>;
}
