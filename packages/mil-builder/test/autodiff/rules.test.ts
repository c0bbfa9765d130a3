import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { autodiffPage } from "../../scripts/autodiff-page.js";
import { RULES } from "../../src/autodiff/rules.js";
import { FAMILIES } from "../../src/ops/table.js";

const types = Object.values(FAMILIES).flatMap((ops) => Object.keys(ops));

it("every op of the table has a rule, a reason for zero, or a refusal with advice", () => {
  expect(Object.keys(RULES).sort()).toEqual(types.sort());
});

it("reasons and advice read as parts of sentences", () => {
  for (const [type, entry] of Object.entries(RULES)) {
    if (typeof entry === "function") continue;
    const reason = "zero" in entry ? entry.zero : entry.refused;
    expect(reason, type).toMatch(/^[a-z0-9].*[^.]$/);
    if ("refused" in entry) expect(entry.advice, type).toMatch(/^[A-Z].*[^.]$/);
  }
});

it("the page is up to date (node scripts/generate-autodiff-page.mjs)", () => {
  const page = readFileSync(new URL("../../docs/autodiff.md", import.meta.url), "utf8");
  expect(page).toBe(autodiffPage(page));
});
