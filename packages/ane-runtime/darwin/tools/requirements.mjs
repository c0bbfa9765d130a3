// The tools that the checks need, how to see whether they are there, and the line that installs them. Nothing here
// installs anything.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { arm64Root, darwin, repository } from "./paths.mjs";
import { nodeArm64Package, zig } from "./toolchain.mjs";

const onPath = (program) =>
  process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, program)));

const apt = (packages) => `apt-get install ${packages}`;
const here = relative(repository, darwin);
const npm = `npm ci --force --ignore-scripts --prefix ${here}   # zig, and Node for arm64: forced on this machine`;

const compilerHasHeader = (header) => {
  try {
    const folder = execFileSync("gcc", ["-print-file-name=include"], { encoding: "utf8" }).trim();
    return existsSync(join(folder, header));
  } catch {
    return false;
  }
};

/** The last file of each build that the suites use: the cpu device, what processes of their own load, the command line. */
const builtFiles = [
  "packages/accel-ops/build/Release/accel_ops.node",
  "packages/accel-ops/dist/index.js",
  "packages/ane-runtime/dist/index.js",
  "packages/trainer/dist/index.js",
  "apps/cli/dist/main.js",
];

export const requirements = {
  clang: { present: () => onPath("clang++-19"), install: apt("clang-19") },
  lld: {
    present: () => onPath("ld64.lld-19") && onPath("llvm-nm-19"),
    install: apt("lld-19 llvm-19"),
  },
  gnustep: {
    present: () =>
      existsSync("/usr/include/GNUstep/Foundation/Foundation.h") &&
      compilerHasHeader("objc/objc.h"),
    install: apt("libgnustep-base-dev gobjc++"),
  },
  "cross compiler": {
    present: () => onPath("aarch64-linux-gnu-g++"),
    install: apt("g++-aarch64-linux-gnu"),
  },
  qemu: { present: () => onPath("qemu-aarch64"), install: apt("qemu-user") },
  zig: { present: () => existsSync(zig), install: npm },
  "arm64 node": { present: () => existsSync(join(nodeArm64Package, "bin/node")), install: npm },
  "arm64 libraries": {
    present: () => existsSync(join(arm64Root, "usr/lib/aarch64-linux-gnu/libobjc.so.4")),
    install: `node ${here}/tools/fetch-arm64-root.mjs   # 38 packages of the system's own archive, unpacked there`,
  },
  "built packages": {
    present: () => builtFiles.every((file) => existsSync(join(repository, file))),
    install: "npx pnpm build",
  },
};
