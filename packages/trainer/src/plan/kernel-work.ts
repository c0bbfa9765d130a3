/** Kernels in bytes and operations, from their programs, ports and slots. */
import {
  type AnyValue,
  byteSize,
  type DynamicKernel,
  type Kernel,
  kernelFlops,
  type Slot,
  staticTypeOf,
} from "@ane/mil-builder";
import type { KernelWork } from "./step-structure.js";

export const FP16_BYTES = 2;

/** Slots that the CPU writes, reads, and copies from other surfaces. */
export interface Crossing<Input, Output> {
  readonly written?: readonly Input[];
  readonly copied?: readonly Input[];
  readonly read?: readonly Output[];
}

export function work<Input extends string, Output extends string>(
  kernel: Kernel<Input, Output>,
  phase: KernelWork["phase"],
  { written = [], copied = [], read = [] }: Crossing<Input, Output>,
): KernelWork {
  const input = (name: Input) => slotBytes(kernel.inputs[name]);
  return {
    name: kernel.name,
    phase,
    flops: kernelFlops(kernel),
    portBytes: portBytes(kernel),
    written: sumOf(written, input),
    copied: sumOf(copied, input),
    read: sumOf(read, (name) => slotBytes(kernel.outputs[name])),
  };
}

export function stagedSlots({ staged }: DynamicKernel): Slot[] {
  return Object.values(staged).map(({ slot }) => slot);
}

export function slotBytes({ shape: [n, c, h, w] }: Slot): number {
  return n * c * h * w * FP16_BYTES;
}

export function portBytes(kernel: Kernel): number {
  return inputBytes(kernel) + outputBytes(kernel);
}

export function inputBytes({ program }: Kernel): number {
  return sumOf(program.functions[0]!.inputs, valueBytes);
}

export function outputBytes({ program }: Kernel): number {
  return sumOf(program.functions[0]!.outputs, valueBytes);
}

export function valueBytes(value: AnyValue): number {
  return byteSize(staticTypeOf(value));
}

export function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
