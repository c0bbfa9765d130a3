// Makes src/mlpackage/proto/*_pb.ts from proto/*.proto. Needs the network once (npm packages, pinned below); run it after a change
// of the schema and commit both. Usage: node scripts/generate-proto.mjs
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "src", "mlpackage", "proto");
// protoc-gen-es of the last line that runs on Node 20; its output works with every runtime 2.x from 2.13 on.
const packages = ["@bufbuild/buf@1.75.0", "@bufbuild/protoc-gen-es@2.13.0"];
const template = {
  version: "v2",
  inputs: [{ directory: "proto" }],
  plugins: [{ local: "protoc-gen-es", out, opt: ["target=ts", "import_extension=js"] }],
};

rmSync(out, { recursive: true, force: true });
execFileSync(
  "npx",
  [
    "--yes",
    ...packages.map((name) => `--package=${name}`),
    "--",
    "buf",
    "generate",
    "--template",
    JSON.stringify(template),
  ],
  { cwd: root, stdio: "inherit" },
);
for (const name of readdirSync(out)) {
  const file = join(out, name);
  const text = readFileSync(file, "utf8").replace("/* eslint-disable */\n", "");
  const header = "// Generated from proto/ by scripts/generate-proto.mjs: do not edit.\n";
  writeFileSync(file, header + text);
}
execFileSync("npx", ["biome", "check", "--write", out], { cwd: root, stdio: "inherit" });
