/** The page of all rules, from their families. */
import { type Rule, SEVERITIES } from "../src/verify/rule.js";
import { RULE_FAMILIES, RULES } from "../src/verify/rules.js";
import { UNCHECKED_FACTS } from "../src/verify/unchecked.js";

const HEAD = `# Rules of the verifier

\`verify(program, { chip, os })\` checks ${RULES.length} rules. Nothing here was measured by this project: each rule names the public
projects that report it. A rule is an **error** if the language itself demands it or if independent projects agree, a **warning**
if there is one report or if reports contradict each other. Rules of single chips or versions of macOS are checked only for the
\`chip\` (m1, m2, m3, m4, m5) or \`os\` (macos12, macos13, macos14, macos15, macos26) that is asked for. This page is
generated: \`node scripts/generate-verifier-rules.mjs\`.
`;

export function verifierRulesPage(): string {
  const families = Object.entries(RULE_FAMILIES).map(
    ([name, rules]) => `## ${name}\n\n${table(RULE_HEADINGS, rules.map(ruleRow))}`,
  );
  const unchecked = table(
    ["Fact", "Source", "Why it is not checked"],
    UNCHECKED_FACTS.map(({ fact, source, reason }) => [fact, source, reason]),
  );
  return `${[HEAD, ...families, `## Not checked\n\n${unchecked}`].join("\n")}`;
}

const RULE_HEADINGS = [
  "Rule",
  "Severity",
  "Status",
  "Machines",
  "What must hold",
  "Evidence",
  "Remedy",
];

function ruleRow(rule: Rule): readonly string[] {
  const { id, status, chips, os, statement, evidence, remedy } = rule;
  const machines = [...(chips ?? []), ...(os ?? [])].join(", ") || "all";
  return [`\`${id}\``, SEVERITIES[status], status, machines, statement, evidence, remedy];
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(headings) + line(headings.map(() => "---")) + rows.map(line).join("");
}
