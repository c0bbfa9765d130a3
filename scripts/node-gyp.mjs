#!/usr/bin/env node
// Runs node-gyp against the headers that ship beside this node binary, so that a native build
// needs no download. Where no headers are beside it, node-gyp's own way of finding them is used.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const prefix = dirname(dirname(realpathSync(process.execPath)));
const headers = existsSync(join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
const nodeGyp = createRequire(join(process.cwd(), "package.json")).resolve(
  "node-gyp/bin/node-gyp.js",
);
const { status } = spawnSync(process.execPath, [nodeGyp, ...process.argv.slice(2), ...headers], {
  stdio: "inherit",
});
process.exit(status ?? 1);
