import { defineConfig } from "tsup";

// JavaScript only: declarations come from tsc (see tsconfig.build.json).
export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
});
