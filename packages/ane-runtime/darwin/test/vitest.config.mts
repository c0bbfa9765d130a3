import { defineConfig } from "vitest/config";

// The suites that prove the binding on the fake framework; started by run-suites.mjs, which sets the environment. Each file has
// a process of its own: what the framework counts, it counts per process.
export default defineConfig({
  ssr: { resolve: { conditions: ["@ane/source", "node", "import", "default"] } },
  test: {
    include: ["darwin/test/**/*.test.ts"],
    setupFiles: ["darwin/test/support/own-folder.ts", "darwin/test/support/nothing-left.ts"],
    pool: "forks",
    execArgv: ["--expose-gc"],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
