// Writes the pictures of docs/derive.md and the parts of it between markers. Usage: node scripts/generate-derived-page.mjs
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./load-source.mjs";

const docs = join(root, "..", "..", "docs");

await withSource("scripts/derived-page.ts", ({ derivedPictures, derivedPage }) => {
  mkdirSync(join(docs, "images"), { recursive: true });
  for (const [name, svg] of Object.entries(derivedPictures())) {
    writeFileSync(join(docs, "images", name), svg);
  }
  const path = join(docs, "derive.md");
  writeFileSync(path, derivedPage(readFileSync(path, "utf8")));
});
