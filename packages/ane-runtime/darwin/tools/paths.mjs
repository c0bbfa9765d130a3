// Where the proof keeps its tools and its outputs.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const darwin = dirname(dirname(fileURLToPath(import.meta.url)));
export const aneRuntime = dirname(darwin);
export const accelOps = join(dirname(aneRuntime), "accel-ops");
export const repository = dirname(dirname(aneRuntime));

/** arm64 Linux libraries for emulated processes, made by tools/fetch-arm64-root.mjs. */
export const arm64Root = join(darwin, "arm64-root");
/** Everything built here; may be deleted at any time. */
export const out = join(darwin, "out");
