/** The argument of commands that read a model. */
import { text } from "../flag-parsers.js";

export const modelArgument = {
  kind: "tuple",
  parameters: [
    {
      parse: text,
      optional: true,
      placeholder: "MODEL",
      brief: "A llama2.c .bin file, a Hugging Face folder, a run's folder or a checkpoint",
    },
  ],
} as const;
