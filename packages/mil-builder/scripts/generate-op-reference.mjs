// Writes docs/op-reference.md from the op table. Usage: node scripts/generate-op-reference.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./load-source.mjs";

await withSource("scripts/op-reference.ts", ({ opReference }) =>
  writeFileSync(join(root, "docs", "op-reference.md"), opReference()),
);
