// Modes of run-suites.mjs in which the process under test is an emulated arm64 one: the binding as a Mach-O image,
// linked by either linker, and as a library of arm64 Linux. The cpu device that results are compared with is accel-ops
// for arm64 Linux.
import { join } from "node:path";
import { buildAccelOpsArm64 } from "../compile/accel-ops-arm64.mjs";
import { assembleAneRuntime } from "../compile/assemble-macho.mjs";
import { buildLinux } from "../compile/linux.mjs";
import { darwin } from "../tools/paths.mjs";

const config = join(darwin, "test/emulated.config.mts");

async function environment() {
  return { "@ANE/ACCEL_OPS_PREBUILD": await buildAccelOpsArm64() };
}

const machO = (linker) => async () => ({
  build: await assembleAneRuntime(linker),
  // The image's BOOL is a bool.
  env: { ...(await environment()), FAKE_ANE_BOOL: "B" },
  config,
});

export const emulatedModes = {
  arm64: async () => ({ build: await buildLinux("arm64"), env: await environment(), config }),
  "macho-zig": machO("zig"),
  "macho-ld64": machO("ld64"),
};
