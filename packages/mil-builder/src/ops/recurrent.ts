/**
 * Recurrent layers over x [S, B, I] with H hidden units. Gates lie one after another in the rows of the weights: of lstm
 * input, forget, output, cell; of gru reset, output, update. A reverse layer writes its results in the order in which it
 * computes them. Source: coremltools iOS15 recurrent.py (where bias is that of input and hidden weights together), iOS18
 * recurrent.py.
 */
import { affineRows } from "../evaluate/recurrent-step.js";
import { absent, flag, from, optional, textInput } from "../input-spec.js";
import { defineOp } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { lstm } from "./lstm.js";
import {
  activationOf,
  checkShape,
  inferSequence,
  ONE_WAY,
  optionalBias,
  RECURRENT_INPUTS,
  RECURRENT_TYPES,
  runTrack,
} from "./recurrent-layer.js";

const rnn = defineOp({
  type: "rnn",
  summary: "h = activation(W_ih x + W_hh h + b) along a sequence",
  since: "ios15",
  types: RECURRENT_TYPES,
  inputs: { ...RECURRENT_INPUTS, direction: ONE_WAY },
  results: ["hidden states", "last hidden state"],
  infer: ({ x, initial_h, output_sequence, ...weights }, scope): readonly TensorType[] => {
    const layout = { gates: 1, directions: 1, all: output_sequence };
    return inferSequence(x, { initial_h }, weights, layout, scope);
  },
  evaluate: ({ x, initial_h, weight_ih, weight_hh, ...inputs }, [sequence, last]) => {
    const activate = activationOf("rnn", inputs.activation);
    const hidden = weight_hh.type.shape[1]!;
    const reverse = inputs.direction === "reverse";
    const track = { sequence, last: last!, column: 0, hidden, reverse };
    runTrack(track, initial_h, x, (at, _, h) => {
      const own = affineRows(weight_ih, x.data, at, inputs.bias);
      return affineRows(weight_hh, h, 0).map((sum, unit) => activate(sum + own[unit]!));
    });
  },
});

/**
 * r = recurrent(W_r x + R_r h + b_r), z likewise, o = activation(W_o x + b_o + R_o (r h)), h = (1 - z) o + z h; with reset_after
 * o = activation(W_o x + input_bias_o + r (R_o h + b_o)).
 */
const gru = defineOp({
  type: "gru",
  summary: "a gated recurrent unit along a sequence",
  since: "ios15",
  types: RECURRENT_TYPES,
  inputs: {
    ...RECURRENT_INPUTS,
    direction: ONE_WAY,
    recurrent_activation: optional(textInput(), "sigmoid"),
    reset_after: from("ios18", absent(flag(), "false")),
    input_bias: from("ios18", optionalBias()),
  },
  results: ["hidden states", "last hidden state"],
  infer: ({ x, initial_h, output_sequence, ...weights }, scope): readonly TensorType[] => {
    const layout = { gates: 3, directions: 1, all: output_sequence };
    const types = inferSequence(x, { initial_h }, weights, layout, scope);
    checkShape("input_bias", weights.input_bias, [weights.weight_hh.shape[0]!], scope);
    return types;
  },
  evaluate: ({ x, initial_h, weight_ih, weight_hh, ...inputs }, [sequence, last]) => {
    const activate = activationOf("gru", inputs.activation);
    const gate = activationOf("gru", inputs.recurrent_activation);
    const hidden = weight_hh.type.shape[1]!;
    const reverse = inputs.direction === "reverse";
    const track = { sequence, last: last!, column: 0, hidden, reverse };
    runTrack(track, initial_h, x, (at, _, h) => {
      const own = affineRows(weight_ih, x.data, at, inputs.input_bias);
      const before = affineRows(weight_hh, h, 0, inputs.bias);
      const reset = h.map((_value, unit) => gate(own[unit]! + before[unit]!));
      const after = affineRows(
        weight_hh,
        h.map((value, unit) => value * reset[unit]!),
        0,
        inputs.bias,
      );
      return h.map((value, unit) => {
        const [o, z] = [hidden + unit, 2 * hidden + unit];
        const recurrent = inputs.reset_after ? reset[unit]! * before[o]! : after[o]!;
        const output = activate(own[o]! + recurrent);
        const update = gate(own[z]! + before[z]!);
        return (1 - update) * output + update * value;
      });
    });
  },
});

export const RECURRENT_OPS = { gru, lstm, rnn } as const;
