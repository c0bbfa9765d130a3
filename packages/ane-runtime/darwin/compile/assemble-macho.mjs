// Builds a Mach-O addon with one of the two linkers and puts it where an emulated Node can load it: the loader under
// the addon's name, the image beside it, and for ane_runtime the fake framework for arm64. buildMachO -> the image;
// assemble... -> folders.
import { copyFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { out } from "../tools/paths.mjs";
import { freshFolder } from "../tools/toolchain.mjs";
import { linkWithLd64 } from "./link-ld64.mjs";
import { linkWithZig } from "./link-zig.mjs";
import { buildLinux } from "./linux.mjs";
import { buildLoader } from "./machload.mjs";
import { compileMachO } from "./macho-objects.mjs";

export const linkers = { zig: linkWithZig, ld64: linkWithLd64 };

/** In one step: a process may have the old file mapped. */
function replaceFile(source, target) {
  copyFileSync(source, `${target}.new`);
  renameSync(`${target}.new`, target);
}

const compiled = new Map();

/** Compiles once for both linkers. */
export async function buildMachO(name, linker) {
  if (!compiled.has(name)) compiled.set(name, compileMachO(name));
  const objects = await compiled.get(name);
  return { file: await linkers[linker](objects), minimumMacos: objects.minimumMacos };
}

let loader;

async function place(name, linker, folder) {
  loader ??= buildLoader();
  const { file } = await buildMachO(name, linker);
  replaceFile(await loader, join(folder, `${name}.node`));
  replaceFile(file, join(folder, `${name}.macho`));
}

/** -> a folder that node-gyp-build accepts for accel-ops */
export async function assembleAccelOps(linker) {
  const folder = join(out, "machload", linker, "accel-ops");
  await place("accel_ops", linker, freshFolder(join(folder, "build/Release")));
  return folder;
}

/** -> the folder of ane_runtime.node, with the fake framework and its controls */
export async function assembleAneRuntime(linker) {
  const folder = freshFolder(join(out, "machload", linker, "ane-runtime"));
  const fake = await buildLinux("arm64");
  const parts = readdirSync(fake).filter((file) => /\.(so|node)$/.test(file));
  for (const file of parts) replaceFile(join(fake, file), join(folder, file));
  await place("ane_runtime", linker, folder);
  return folder;
}
