/**
 * The table of all ops. A new op is a definition in its family's file; a new family is a line in `FAMILIES` and in
 * `BUILDER_OPS`.
 */
import type { OpDefinition, OpVariants } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import type { Opset } from "../program.js";
import { ACTIVATION_OPS } from "./activation.js";
import { ATTENTION_OPS } from "./attention.js";
import { COMPRESSION_OPS } from "./compression.js";
import { JOINING_OPS } from "./concat.js";
import { CONTROL_FLOW_OPS, constant } from "./control-flow.js";
import { CONVOLUTION_OPS } from "./conv.js";
import { DETECTION_OPS } from "./detection.js";
import { ELEMENTWISE_BINARY_OPS } from "./elementwise-binary.js";
import { ELEMENTWISE_UNARY_OPS } from "./elementwise-unary.js";
import { FILLING_OPS } from "./fill.js";
import { GATHERING_OPS } from "./gather.js";
import { LINEAR_OPS } from "./linear.js";
import { LIST_OPS } from "./list.js";
import { NORMALIZATION_OPS } from "./normalization.js";
import { ORDERING_OPS } from "./order.js";
import { PADDING_OPS } from "./pad.js";
import { POOLING_OPS } from "./pool.js";
import { QUANTIZATION_OPS } from "./quantization.js";
import { RANDOM_OPS } from "./random.js";
import { REARRANGING_OPS } from "./rearrange.js";
import { RECURRENT_OPS } from "./recurrent.js";
import { REDUCTION_OPS } from "./reduction.js";
import { RESHAPING_OPS } from "./reshape.js";
import { RESIZING_OPS } from "./resize.js";
import { SAMPLING_OPS } from "./sample.js";
import { SCATTERING_OPS } from "./scatter.js";
import { SLICING_OPS } from "./slice.js";
import { STATE_OPS } from "./states.js";

type Entry = OpDefinition | OpVariants;

/** Ops by family and MIL name, in the order of the reference page. */
export const FAMILIES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  "Elementwise, one operand": ELEMENTWISE_UNARY_OPS,
  "Elementwise, two operands": ELEMENTWISE_BINARY_OPS,
  Activations: ACTIVATION_OPS,
  Reductions: REDUCTION_OPS,
  "Linear algebra": LINEAR_OPS,
  Convolution: CONVOLUTION_OPS,
  Pooling: POOLING_OPS,
  Normalization: NORMALIZATION_OPS,
  Attention: ATTENTION_OPS,
  "Recurrent layers": RECURRENT_OPS,
  Quantization: QUANTIZATION_OPS,
  "Compressed constants": COMPRESSION_OPS,
  "Random numbers": RANDOM_OPS,
  Shapes: RESHAPING_OPS,
  "Joining and splitting": JOINING_OPS,
  Slices: SLICING_OPS,
  "Padding, repeating, reversing": PADDING_OPS,
  "Picking by index": GATHERING_OPS,
  "Changing by index": SCATTERING_OPS,
  "Filling and positions": FILLING_OPS,
  "Sorting and running sums": ORDERING_OPS,
  "Blocks of images": REARRANGING_OPS,
  "Resizing images": RESIZING_OPS,
  "Reading images": SAMPLING_OPS,
  "Boxes and classes": DETECTION_OPS,
  "Constants and control flow": { const: constant, ...CONTROL_FLOW_OPS },
  Lists: LIST_OPS,
  States: STATE_OPS,
};

/** Ops that the builder offers as methods, by MIL name; those with blocks have methods of their own. */
export const BUILDER_OPS = {
  ...ELEMENTWISE_UNARY_OPS,
  ...ELEMENTWISE_BINARY_OPS,
  ...ACTIVATION_OPS,
  ...REDUCTION_OPS,
  ...LINEAR_OPS,
  ...CONVOLUTION_OPS,
  ...POOLING_OPS,
  ...NORMALIZATION_OPS,
  ...ATTENTION_OPS,
  ...RECURRENT_OPS,
  ...QUANTIZATION_OPS,
  ...COMPRESSION_OPS,
  ...RANDOM_OPS,
  ...RESHAPING_OPS,
  ...JOINING_OPS,
  ...SLICING_OPS,
  ...PADDING_OPS,
  ...GATHERING_OPS,
  ...SCATTERING_OPS,
  ...FILLING_OPS,
  ...ORDERING_OPS,
  ...REARRANGING_OPS,
  ...RESIZING_OPS,
  ...SAMPLING_OPS,
  ...DETECTION_OPS,
  select: CONTROL_FLOW_OPS.select,
  ...LIST_OPS,
  ...STATE_OPS,
} as const;

const VARIANTS: ReadonlyMap<string, readonly OpDefinition[]> = new Map(
  Object.values(FAMILIES).flatMap((family) =>
    Object.entries(family).map(([type, entry]) => [type, variantsOf(entry)] as const),
  ),
);

function variantsOf(entry: Entry): readonly OpDefinition[] {
  return "type" in entry ? [entry] : entry;
}

/**
 * What the package knows of an op, or undefined if it is not in the table. Of an op that an opset redefined, the variant of
 * `opset` (the newest without one; the oldest, whose `since` says so, for an opset that does not have the op).
 */
export function opDefinition(type: string, opset?: Opset): OpDefinition | undefined {
  const variants = VARIANTS.get(type);
  if (opset === undefined) return variants?.at(-1);
  return variants?.findLast(({ since }) => hasOpset(opset, since)) ?? variants?.[0];
}

/** All variants of an op, oldest first; empty if it is not in the table. */
export function opVariants(type: string): readonly OpDefinition[] {
  return VARIANTS.get(type) ?? [];
}
