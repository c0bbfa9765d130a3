// Puts this machine's built addons where prebuildify puts those of a release, and packs again: node-gyp-build then finds them in
// the installed package alone.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";

/** Packages with an addon that this platform can build, and the addon's file in the repository. */
const ADDONS = {
  "@ane/accel-ops": "packages/accel-ops/build/Release/accel_ops.node",
  "@ane/mpi": "packages/mpi/build/Release/mpi.node",
  "@ane/ane-runtime": "packages/ane-runtime/build/Release/ane_runtime.node", // macOS alone
};

/** @returns Tarballs by package name, those with an addon made anew in `work`. */
export function addPrebuilds(work, tarballs, root) {
  const complete = { ...tarballs };
  for (const [name, addon] of Object.entries(ADDONS)) {
    const source = join(root, addon);
    if (!existsSync(source)) continue;
    const folder = join(work, basename(addon, ".node"));
    mkdirSync(folder);
    execFileSync("tar", ["-xzf", tarballs[name], "-C", folder]);
    const place = join(folder, "package/prebuilds", `${process.platform}-${process.arch}`);
    mkdirSync(place, { recursive: true });
    copyFileSync(source, join(place, basename(addon)));
    complete[name] = join(work, `${basename(addon, ".node")}-complete.tgz`);
    execFileSync("tar", ["-czf", complete[name], "-C", folder, "package"]);
  }
  return complete;
}
