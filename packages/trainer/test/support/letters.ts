/** A tokenizer of single letters, as a file in the format of llama2.c (see `parseVocabulary`). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

/** 287 ids: three that control, all bytes, and a text's characters. @returns The file's path. */
export function writeLetters(folder: string): string {
  const pieces = ["<unk>", "\n<s>\n", "\n</s>\n", ...BYTES, ..." abcdefghijklmnopqrstuvwxyz."];
  const records = pieces.map((piece) => {
    const record = Buffer.alloc(8 + piece.length); // a score of 0 before the length
    record.writeInt32LE(piece.length, 4);
    record.write(piece, 8, "latin1");
    return record;
  });
  const longest = Buffer.alloc(4);
  longest.writeInt32LE(Math.max(...pieces.map(({ length }) => length)));
  const path = join(folder, "letters.bin");
  writeFileSync(path, Buffer.concat([longest, ...records]));
  return path;
}
