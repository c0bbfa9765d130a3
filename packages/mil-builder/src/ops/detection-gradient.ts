/** Boxes and classes: choices, which have no derivative. */
import type { Rules } from "../autodiff/vjp.js";

export const DETECTION_GRADIENTS = {
  classify: {
    refused: "its results are a label and a dictionary",
    advice: "Differentiate its probabilities",
  },
  non_maximum_suppression: {
    refused: "it chooses among boxes, which has no derivative",
    advice: "Compute the loss from its boxes and scores",
  },
} satisfies Rules;
