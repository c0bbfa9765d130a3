import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { opReference } from "../scripts/op-reference.js";

it("the op reference is up to date (node scripts/generate-op-reference.mjs)", () => {
  const page = readFileSync(new URL("../docs/op-reference.md", import.meta.url), "utf8");
  expect(page).toBe(opReference());
});
