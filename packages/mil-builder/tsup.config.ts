import { defineConfig } from "tsup";

// JavaScript only: declarations come from tsc (see tsconfig.build.json).
export default defineConfig({
  entry: {
    index: "src/index.ts",
    "autodiff/index": "src/autodiff/index.ts",
    "mlpackage/index": "src/mlpackage/index.ts",
  },
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
});
