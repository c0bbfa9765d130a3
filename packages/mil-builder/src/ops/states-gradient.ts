/** States: what a prediction leaves behind for the next one is no part of a function to differentiate. */
import type { Rules } from "../autodiff/vjp.js";

const refused = "gradients do not pass through states";
const advice = "Make the state an input and an output of the function";

export const STATE_GRADIENTS = {
  read_state: { refused, advice },
  write_state: { refused, advice },
} satisfies Rules;
