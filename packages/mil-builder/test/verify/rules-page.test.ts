import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { verifierRulesPage } from "../../scripts/verifier-rules.js";
import { RULES } from "../../src/verify/rules.js";

test("docs/verifier-rules.md is up to date (node scripts/generate-verifier-rules.mjs)", () => {
  const page = readFileSync(new URL("../../docs/verifier-rules.md", import.meta.url), "utf8");
  expect(page).toBe(verifierRulesPage());
});

test("the page names every rule", () => {
  const page = verifierRulesPage();
  for (const { id } of RULES) expect(page).toContain(`| \`${id}\` |`);
});
