/** The tiny text model with the token ids of `writeLetters`. */
import { defineModel } from "@ane/trainer";
import { mix } from "./tiny-text.mjs";

export default defineModel({
  name: "tiny-letters",
  input: { kind: "tokens", vocabulary: 287, dim: 32, length: 32, positions: "learned" },
  layers: [mix, mix],
  head: { kind: "nextToken" },
});
