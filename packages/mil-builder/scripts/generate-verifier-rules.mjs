// Writes docs/verifier-rules.md from the verifier's rules. Usage: node scripts/generate-verifier-rules.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./load-source.mjs";

await withSource("scripts/verifier-rules.ts", ({ verifierRulesPage }) =>
  writeFileSync(join(root, "docs", "verifier-rules.md"), verifierRulesPage()),
);
