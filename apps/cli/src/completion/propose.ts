/** What may come next on a command line: for the scripts of `ane completion`. */
import { type Application, proposeCompletions } from "@stricli/core";
import type { Context } from "../context.js";
import { withoutAliases } from "../flag-aliases.js";

/** The hidden first argument by which the scripts ask. */
export const PROPOSE = "__complete";

/**
 * @param words After the program's name; the last one is being typed, and may be empty.
 * @returns Lines of a candidate, a tab and its description; none where a file is likely, which shells complete by themselves.
 */
export async function propose(
  app: Application<Context>,
  words: readonly string[],
  context: Context,
): Promise<string> {
  const typed = words.at(-1) ?? "";
  const before = withoutAliases(words.slice(0, -1));
  const proposals = await proposeCompletions(app, [...before, typed], context);
  return proposals
    .filter(({ completion }) => completion.startsWith(typed))
    .map(({ completion, brief }) => `${completion}\t${brief.split("\n")[0]}\n`)
    .join("");
}
