import { defineConfig } from "tsup";

// JavaScript only: declarations come from tsc (see tsconfig.build.json).
export default defineConfig({
  // Each case of a self-test is a process of its own.
  entry: ["src/main.ts", "src/selftest-child.ts"],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
});
