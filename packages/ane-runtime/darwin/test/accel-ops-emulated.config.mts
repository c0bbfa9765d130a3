import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import accelOps from "../../../accel-ops/vitest.config.ts";

// accel-ops' own tests, with the workers in an emulated arm64 Node (vitest starts them with process.execPath) and one
// process for all files. The addon is named by node-gyp-build's variable @ANE/ACCEL_OPS_PREBUILD.
process.execPath = fileURLToPath(new URL("../tools/node-arm64", import.meta.url));

export default mergeConfig(accelOps, {
  root: fileURLToPath(new URL("../../../accel-ops", import.meta.url)),
  test: {
    // Starts vitest itself, whose own addons are the host's.
    exclude: ["test/every-isa.test.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
