import { defineConfig } from "vitest/config";

// Code of the guides runs against the sources of all workspace packages: no build is needed but the native one.
export default defineConfig({
  ssr: { resolve: { conditions: ["@ane/source", "node", "import", "default"] } },
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
