import { defineConfig } from "vitest/config";

// Tests run against the sources of all workspace packages; the page is bundled before them.
export default defineConfig({
  ssr: { resolve: { conditions: ["@ane/source", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build-page.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
