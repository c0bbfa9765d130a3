/** Random numbers: their parameters are compile-time scalars, and draws depend on nothing else. */
import type { Rules, ZeroRule } from "../autodiff/vjp.js";

const DRAW: ZeroRule = { zero: "a draw depends on no tensor" };

export const RANDOM_GRADIENTS = {
  random_bernoulli: DRAW,
  random_categorical: {
    refused: "a drawn index has no derivative",
    advice: "Take a softmax of the logits plus noise that is an input",
  },
  random_normal: DRAW,
  random_uniform: DRAW,
} satisfies Rules;
