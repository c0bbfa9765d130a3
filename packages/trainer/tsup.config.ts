import { defineConfig } from "tsup";

// JavaScript only: declarations come from tsc (see tsconfig.build.json).
export default defineConfig({
  // The worker is started as a process of its own.
  entry: ["src/index.ts", "src/worker.ts"],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
});
