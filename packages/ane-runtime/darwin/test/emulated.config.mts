import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import suites from "./vitest.config.mts";

// The same suites with every worker in an emulated arm64 Node: vitest starts its workers with process.execPath. vitest
// itself, and what it does to the sources, stay on the host.
process.execPath = fileURLToPath(new URL("../tools/node-arm64", import.meta.url));

export default mergeConfig(suites, { test: { testTimeout: 600_000, hookTimeout: 600_000 } });
