// Writes the table of gradients into docs/autodiff.md. Usage: node scripts/generate-autodiff-page.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./load-source.mjs";

const path = join(root, "docs", "autodiff.md");
await withSource("scripts/autodiff-page.ts", ({ autodiffPage }) =>
  writeFileSync(path, autodiffPage(readFileSync(path, "utf8"))),
);
