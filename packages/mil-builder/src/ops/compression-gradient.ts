/** Compressed weights are constants, expanded before the program runs. */
import type { RefusedRule, Rules } from "../autodiff/vjp.js";
import { COMPRESSION_OPS } from "./compression.js";

const EXPANDED: RefusedRule = {
  refused: "a compressed weight is expanded when the program is compiled",
  advice: "Ask for the gradient of the op's result",
};

export const COMPRESSION_GRADIENTS: Rules = Object.fromEntries(
  Object.keys(COMPRESSION_OPS).map((type) => [type, EXPANDED]),
);
