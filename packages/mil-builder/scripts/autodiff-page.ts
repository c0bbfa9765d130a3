/** The table of gradients in docs/autodiff.md, from the table of rules. */
import { RULES } from "../src/autodiff/rules.js";
import type { RuleEntry } from "../src/autodiff/vjp.js";
import { FAMILIES } from "../src/ops/table.js";

const HEADING = "## Op by op\n";

/** The page with its last section written anew. */
export function autodiffPage(page: string): string {
  return page.slice(0, page.indexOf(HEADING)) + coverage();
}

function coverage(): string {
  const types = Object.values(FAMILIES).flatMap((ops) => Object.keys(ops));
  const count = (is: (entry: RuleEntry | undefined) => boolean) =>
    types.filter((type) => is(RULES[type])).length;
  const rules = count((entry) => typeof entry === "function");
  const zeros = count((entry) => typeof entry === "object" && "zero" in entry);
  const refused = count((entry) => typeof entry === "object" && "refused" in entry);
  const families = Object.entries(FAMILIES).map(
    ([name, ops]) => `### ${name}\n\n${table(Object.keys(ops))}`,
  );
  return `${HEADING}
This section is generated: \`node scripts/generate-autodiff-page.mjs\`. Of ${types.length} ops ${rules} have a rule, ${zeros} have a gradient of zero, ${refused} are refused.

${families.join("\n\n")}
`;
}

/** Ops with one thing to say share a row. */
function table(types: readonly string[]): string {
  const rows = new Map<string, string[]>();
  for (const type of types) {
    const text = described(RULES[type]);
    rows.set(text, [...(rows.get(text) ?? []), `\`${type}\``]);
  }
  const lines = [...rows].map(([text, ops]) => `| ${ops.join(", ")} | ${text} |`);
  return ["| Ops | Gradient |", "| --- | --- |", ...lines].join("\n");
}

function described(entry: RuleEntry | undefined): string {
  if (typeof entry === "function") return "rule";
  if (entry === undefined) throw new Error("every op of the table has an entry");
  return "zero" in entry ? `zero: ${entry.zero}` : `refused: ${entry.refused}. ${entry.advice}.`;
}
