/** What docs/derive.md says of the derived kernels of Stories110M is what they are. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { derivedPage, derivedPictures } from "../../../scripts/derived-page.js";

const docs = new URL("../../../../../docs/", import.meta.url);

it("the table and the plan are up to date (node scripts/generate-derived-page.mjs)", () => {
  const page = readFileSync(new URL("derive.md", docs), "utf8");
  expect(page).toBe(derivedPage(page));
});

it.each(Object.entries(derivedPictures()))("%s is up to date", (name, svg) => {
  expect(readFileSync(new URL(`images/${name}`, docs), "utf8")).toBe(svg);
});
