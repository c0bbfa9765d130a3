/** A long short-term memory. Source: coremltools iOS15 recurrent.py; peepholes are as its test cases compute them. */
import { ArgumentError } from "../errors.js";
import { type Activation, affineRows } from "../evaluate/recurrent-step.js";
import { absent, choice, optional, real, tensorInput, textInput } from "../input-spec.js";
import { defineOp } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import {
  activationOf,
  checkShape,
  inferSequence,
  optionalBias,
  RECURRENT_INPUTS,
  RECURRENT_TYPES,
  runTrack,
  type Track,
} from "./recurrent-layer.js";

/** Weights of one direction of an lstm. */
interface LstmWeights {
  readonly ih: Tensor;
  readonly hh: Tensor;
  readonly bias: Tensor | undefined;
  readonly peephole: Tensor | undefined;
}

interface LstmOptions {
  readonly clip: number;
  readonly gate: Activation;
  readonly cell: Activation;
  readonly output: Activation;
}

/**
 * i, f = recurrent(W x + R h + b + p c), z = cell(W x + R h + b), c' = f c + i z, o = recurrent(W x + R h + b + p c'),
 * h = o activation(c').
 */
function runLstm(
  track: Track,
  initial: { readonly h: Tensor; readonly c: Tensor },
  lastCell: Tensor,
  x: Tensor,
  { ih, hh, bias: biases, peephole }: LstmWeights,
  { gate, cell, output, clip }: LstmOptions,
): void {
  const { column, hidden } = track;
  const columns = lastCell.type.shape[1]!;
  lastCell.data.forEach((_, i) => {
    const own = i % columns;
    if (own >= column && own < column + hidden) lastCell.data[i] = initial.c.data[i]!;
  });
  runTrack(track, initial.h, x, (at, b, h) => {
    const fromX = affineRows(ih, x.data, at, biases);
    const sums = affineRows(hh, h, 0).map((sum, row) => sum + fromX[row]!);
    return h.map((_, unit) => {
      const cellAt = b * columns + column + unit;
      const before = lastCell.data[cellAt]!;
      const open = (index: number, state: number) => {
        const row = index * hidden + unit;
        return gate(sums[row]! + (peephole?.data[row] ?? 0) * state);
      };
      const c = open(1, before) * before + open(0, before) * cell(sums[3 * hidden + unit]!);
      checkClip(c, clip);
      lastCell.data[cellAt] = c;
      return open(2, c) * output(c);
    });
  });
}

/** Whether it is the cell state or what flows into it that is clipped, no reference says. */
function checkClip(c: number, clip: number): void {
  if (Math.abs(c) <= clip || Number.isNaN(c)) return;
  throw new ArgumentError(
    `interpret: lstm: what "clip" clips is not documented, got a cell state of ${c} beyond ${clip}. Leave "clip" out.`,
  );
}

export const lstm = defineOp({
  type: "lstm",
  summary: "a long short-term memory along a sequence, in one direction or both",
  since: "ios15",
  types: RECURRENT_TYPES,
  inputs: {
    ...RECURRENT_INPUTS,
    initial_c: tensorInput("T"),
    peephole: optionalBias(),
    weight_ih_back: absent(tensorInput("T", true), "one direction"),
    weight_hh_back: absent(tensorInput("T", true), "one direction"),
    bias_back: optionalBias(),
    peephole_back: optionalBias(),
    direction: optional(choice(["forward", "reverse", "bidirectional"]), "forward"),
    recurrent_activation: optional(textInput(), "sigmoid"),
    cell_activation: optional(textInput(), "tanh"),
    clip: absent(real("T"), "no limit"),
  },
  results: ["hidden states", "last hidden state", "last cell state"],
  infer: (
    { x, initial_h, initial_c, output_sequence, direction, ...weights },
    scope,
  ): readonly TensorType[] => {
    const both = direction === "bidirectional";
    const layout = { gates: 4, directions: both ? 2 : 1, all: output_sequence };
    const [sequence, last] = inferSequence(x, { initial_h, initial_c }, weights, layout, scope);
    const hidden = weights.weight_hh.shape[1]!;
    checkShape("peephole", weights.peephole, [3 * hidden], scope);
    if (both) {
      const { weight_ih_back: ih, weight_hh_back: hh } = weights;
      if (ih === undefined || hh === undefined) {
        const rule = 'a bidirectional lstm needs "weight_ih_back" and "weight_hh_back"';
        throw scope.error(rule, "both", "not both");
      }
      checkShape("weight_ih_back", ih, weights.weight_ih.shape, scope);
      checkShape("weight_hh_back", hh, weights.weight_hh.shape, scope);
      checkShape("bias_back", weights.bias_back, [4 * hidden], scope);
      checkShape("peephole_back", weights.peephole_back, [3 * hidden], scope);
    }
    return [sequence, last, last];
  },
  evaluate: ({ x, initial_h, initial_c, weight_ih, weight_hh, ...inputs }, results) => {
    const [sequence, last, lastCell] = results as readonly [Tensor, Tensor, Tensor];
    const hidden = weight_hh.type.shape[1]!;
    const options = {
      clip: inputs.clip ?? Number.POSITIVE_INFINITY,
      gate: activationOf("lstm", inputs.recurrent_activation),
      cell: activationOf("lstm", inputs.cell_activation),
      output: activationOf("lstm", inputs.activation),
    };
    const initial = { h: initial_h, c: initial_c };
    const first = {
      sequence,
      last,
      column: 0,
      hidden,
      reverse: inputs.direction === "reverse",
    };
    const { bias: biases, peephole } = inputs;
    const weights = { ih: weight_ih, hh: weight_hh, bias: biases, peephole };
    runLstm(first, initial, lastCell, x, weights, options);
    if (inputs.direction === "bidirectional") {
      const back = {
        ih: inputs.weight_ih_back!,
        hh: inputs.weight_hh_back!,
        bias: inputs.bias_back,
        peephole: inputs.peephole_back,
      };
      const second = { ...first, column: hidden, reverse: true };
      runLstm(second, initial, lastCell, x, back, options);
    }
  },
});
