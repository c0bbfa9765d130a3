/**
 * What the recurrent layers have in common: parameters, type rules, and the run along a sequence. Source: coremltools iOS15
 * recurrent.py.
 */
import { ArgumentError } from "../errors.js";
import { type Activation, walk } from "../evaluate/recurrent-step.js";
import { absent, choice, flag, optional, tensorInput, textInput } from "../input-spec.js";
import { FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";

export const RECURRENT_TYPES = { T: { domain: { ios15: ["fp32"], ios17: FLOATS } } } as const;
export const optionalBias = () => absent(tensorInput("T", true), "0s");

export const RECURRENT_INPUTS = {
  x: tensorInput("T"),
  initial_h: tensorInput("T"),
  weight_ih: tensorInput("T", true),
  weight_hh: tensorInput("T", true),
  bias: optionalBias(),
  output_sequence: optional(flag(), false),
  activation: optional(textInput(), "tanh"),
} as const;
export const ONE_WAY = optional(choice(["forward", "reverse"]), "forward");

/** The activations that need no parameters; what others compute, no reference says. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  linear: (x) => x,
};

export function activationOf(op: string, name: string): Activation {
  const known = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (known !== undefined) return known;
  throw new ArgumentError(
    `interpret: ${op}: activations are ${Object.keys(ACTIVATIONS).join(", ")}, got "${name}". Use one of them.`,
  );
}

interface Weights {
  readonly weight_ih: TensorType;
  readonly weight_hh: TensorType;
  readonly bias: TensorType | undefined;
}

export function checkShape(
  name: string,
  type: TensorType | undefined,
  expected: readonly number[],
  scope: InferScope,
): void {
  if (type !== undefined && !shapesAgree(type.shape, expected)) {
    const rule = `"${name}" must have the shape that x and weight_hh give it`;
    throw scope.error(rule, formatShape(expected), formatShape(type.shape));
  }
}

/** [S or 1, B, directions · H], and [B, directions · H]. */
export function inferSequence(
  x: TensorType,
  initial: Readonly<Record<string, TensorType>>,
  weights: Weights,
  { gates, directions, all }: { gates: number; directions: number; all: boolean },
  scope: InferScope,
): readonly [TensorType, TensorType] {
  const { weight_ih, weight_hh } = weights;
  if (x.shape.length !== 3) {
    throw scope.error('"x" must be [S, B, I]', "rank 3", formatShape(x.shape));
  }
  const [steps, batch, width] = x.shape as [number, number, number];
  const hidden = weight_hh.shape[1];
  if (weight_hh.shape.length !== 2 || !dimsAgree(weight_hh.shape[0]!, gates * hidden!)) {
    const rule = `"weight_hh" must be [${gates} · H, H]`;
    throw scope.error(rule, `${gates} gates`, formatShape(weight_hh.shape));
  }
  checkShape("weight_ih", weight_ih, [gates * hidden!, width], scope);
  checkShape("bias", weights.bias, [gates * hidden!], scope);
  const state = [batch, directions * hidden!];
  for (const [name, type] of Object.entries(initial)) checkShape(name, type, state, scope);
  return [tensor(x.dtype, [all ? steps : 1, ...state]), tensor(x.dtype, state)];
}

/** Where the hidden state of a direction is kept and written to. */
export interface Track {
  readonly sequence: Tensor;
  readonly last: Tensor;
  /** First column of the direction. */
  readonly column: number;
  readonly hidden: number;
  readonly reverse: boolean;
}

/** Runs `next(t, b, h)` over the sequence; it gives the hidden state after step t from the one before. */
export function runTrack(
  { sequence, last, column, hidden, reverse }: Track,
  initial: Tensor,
  x: Tensor,
  next: (at: number, b: number, h: Float64Array<ArrayBuffer>) => Float64Array<ArrayBuffer>,
): void {
  const [steps, batch, width] = x.type.shape as [number, number, number];
  const columns = last.type.shape[1]!;
  const states = Array.from({ length: batch }, (_, b) =>
    initial.data.slice(b * columns + column, b * columns + column + hidden),
  );
  const all = sequence.type.shape[0] === steps;
  walk(steps, batch, reverse, (t, b, order) => {
    const state = next((t * batch + b) * width, b, states[b]!);
    states[b] = state;
    if (all || order === steps - 1) {
      sequence.data.set(state, ((all ? order : 0) * batch + b) * columns + column);
    }
    if (order === steps - 1) last.data.set(state, b * columns + column);
  });
}
