/** The argument of commands that read a model. */
import { text } from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

export const modelArgument = {
  kind: "tuple",
  parameters: [
    {
      parse: text,
      proposeCompletions: runNames,
      optional: true,
      placeholder: "MODEL",
      brief:
        "A llama2.c .bin file, a Hugging Face folder, a run's folder or name under runs/, or a checkpoint",
    },
  ],
} as const;
