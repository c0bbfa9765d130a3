/**
 * Slots: named channel ranges of a surface [1, C, 1, S]. A kernel has one input and one output surface; its logical
 * tensors lie one after the other on the channel axis, in the order of the kernel table in docs/architecture.md.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Slot, WeightSlot } from "../kernel.js";
import type { Value } from "../program.js";

/** Lays out tensors of the given channel counts on `port`, in the order of the record's keys. */
export function channelSlots<Name extends string>(
  port: string,
  S: number,
  channels: Readonly<Record<Name, number>>,
): Record<Name, Slot> {
  let start = 0;
  const slots: Partial<Record<Name, Slot>> = {};
  for (const name of keysOf(channels)) {
    const size = channels[name];
    slots[name] = { port, axis: "channel", start, size, shape: [1, size, 1, S] };
    start += size;
  }
  return slots as Record<Name, Slot>;
}

/** Channels that the slots take together. */
export function channelCount(slots: Readonly<Record<string, Slot>>): number {
  return Object.values(slots).reduce((total, { size }) => total + size, 0);
}

/** The slot's tensor: a slice of the port, or the port itself where the slot is all of it. */
export function readSlot(f: FunctionBuilder, port: Value, slot: Slot, name: string): Value {
  if (slot.size === port.type.shape[1]) return port;
  return f.slice_by_size({ x: port, begin: [0, slot.start, 0, 0], size: slot.shape }, name);
}

/** Joins one value per slot into the port that the slots describe. */
export function writeSlots<Name extends string>(
  f: FunctionBuilder,
  slots: Readonly<Record<Name, Slot>>,
  values: Readonly<Record<Name, Value>>,
): Value {
  const parts = keysOf(slots).map((name) => values[name]);
  return parts.length === 1
    ? parts[0]!
    : f.concat({ values: parts, axis: 1, interleave: false }, "out");
}

/** A weight without its path, which follows from its name. */
export type WeightShape = Omit<WeightSlot, "path">;

/** Weight of a 1×1 convolution that multiplies by the model's [out, in] matrix: [out, in, 1, 1]. */
export function matrix(out: number, input: number): WeightShape {
  return { shape: [out, input, 1, 1], transposed: false };
}

/** Weight of a 1×1 convolution that multiplies by the transpose of the model's [out, in] matrix: [in, out, 1, 1]. */
export function transposedMatrix(out: number, input: number): WeightShape {
  return { shape: [input, out, 1, 1], transposed: true };
}

/** Gains of an RMSNorm over D channels: [1, D, 1, 1]. */
export function channelGains(D: number): WeightShape {
  return { shape: [1, D, 1, 1], transposed: false };
}

/** Object.keys with the keys' own type. */
export function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[];
}
