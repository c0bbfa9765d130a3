// Splits token files for training from scratch: `node benchmarks/quality/hold-out.mjs FILE... --train OUT --validation OUT
// [--stories 265]`. Files of uint16 little-endian ids, token 1 (BOS) before each story, are joined in the order given;
// the last stories become the held-out text.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const BOS = 1;
const { positionals: files, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    train: { type: "string" },
    validation: { type: "string" },
    stories: { type: "string", default: "265" },
  },
});
const heldOut = Number(options.stories);
if (files.length === 0 || !options.train || !options.validation || !(heldOut >= 1)) {
  console.error(
    "Usage: node benchmarks/quality/hold-out.mjs FILE... --train OUT --validation OUT [--stories N]",
  );
  process.exit(2);
}

const bytes = Buffer.concat(files.map((file) => readFileSync(file)));
const tokens = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
const starts = [...tokens.keys()].filter((index) => tokens[index] === BOS);
if (starts.length <= heldOut) {
  console.error(`${files.join(", ")}: only ${starts.length} stories, cannot hold out ${heldOut}.`);
  process.exit(1);
}
const cut = starts[starts.length - heldOut];
writeFileSync(options.train, bytes.subarray(0, 2 * cut));
writeFileSync(options.validation, bytes.subarray(2 * cut));
console.log(`${cut} tokens to train on, ${tokens.length - cut} held out`);
