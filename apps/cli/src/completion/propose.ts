/** What may come next on a command line: for the scripts of `ane completion`. */
import { type Application, proposeCompletions } from "@stricli/core";
import type { Context } from "../context.js";
import { withoutAliases } from "../flag-aliases.js";

/** The hidden first argument by which the scripts ask. */
export const PROPOSE = "__complete";

/**
 * @param words After the program's name; the last one is being typed, and may be empty.
 * @returns Lines of a candidate, a tab and its description; none where a file is likely, which shells complete by themselves.
 * Where a command takes arguments, flags come after a hyphen.
 */
export async function propose(
  app: Application<Context>,
  words: readonly string[],
  context: Context,
): Promise<string> {
  const typed = words.at(-1) ?? "";
  const before = withoutAliases(words.slice(0, -1));
  const proposals = await proposeCompletions(app, [...before, typed], context);
  const needsNoFlags = typed === "" && takesArguments(app, before);
  return proposals
    .filter(({ completion, kind }) => {
      return completion.startsWith(typed) && !(needsNoFlags && kind === "argument:flag");
    })
    .map(({ completion, brief }) => `${completion}\t${brief.split("\n")[0]}\n`)
    .join("");
}

function takesArguments({ root }: Application<Context>, words: readonly string[]): boolean {
  let target = root;
  for (const word of words) {
    if (!("getRoutingTargetForInput" in target)) break;
    const next = target.getRoutingTargetForInput(word);
    if (next === undefined) return false;
    target = next;
  }
  return "parameters" in target && target.parameters.positional !== undefined;
}
