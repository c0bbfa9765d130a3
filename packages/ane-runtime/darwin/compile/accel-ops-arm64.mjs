// Cross-builds accel-ops for arm64 Linux with node-gyp and its own binding.gyp: buildAccelOpsArm64() -> a folder that
// node-gyp-build accepts for the package. The package is staged as links, so that its own build folder stays the
// host's.
import { existsSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { accelOps, out } from "../tools/paths.mjs";
import { freshFolder, nodeArm64Package, run } from "../tools/toolchain.mjs";

const cross = "aarch64-linux-gnu";

export async function buildAccelOpsArm64() {
  const stage = freshFolder(join(out, "linux/accel-ops-arm64"));
  for (const name of ["binding.gyp", "native", "node_modules", "package.json"]) {
    if (!existsSync(join(stage, name))) symlinkSync(join(accelOps, name), join(stage, name));
  }
  const nodeGyp = createRequire(join(accelOps, "package.json")).resolve("node-gyp/bin/node-gyp.js");
  const options = ["--arch=arm64", `--nodedir=${nodeArm64Package}`, "-j", "max"];
  const env = {
    ...process.env,
    CXX: `${cross}-g++`,
    CC: `${cross}-gcc`,
    AR: `${cross}-ar`,
    LINK: `${cross}-g++`,
  };
  await run(process.execPath, [nodeGyp, "configure", "build", ...options], { cwd: stage, env });
  return stage;
}
