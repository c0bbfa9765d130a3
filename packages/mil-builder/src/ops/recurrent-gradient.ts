/** Recurrent layers: their gradients need the states of all steps, which the ops do not return. */
import type { Rules } from "../autodiff/vjp.js";

const refused = "its gradient needs the gates of every step, which the op keeps to itself";
const advice = "Write the steps out with linear, sigmoid and tanh, which have rules";

export const RECURRENT_GRADIENTS = {
  gru: { refused, advice },
  lstm: { refused, advice },
  rnn: { refused, advice },
} satisfies Rules;
