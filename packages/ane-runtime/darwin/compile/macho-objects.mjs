// Compiles a package's native sources for macOS on arm64 with zig's clang and the headers in sdk/include:
// objects(package) -> the object files and what the linkers need to know. Warnings are errors.
import { join } from "node:path";
import { accelOps, aneRuntime, darwin, out } from "../tools/paths.mjs";
import { freshFolder, inParallel, nodeHeaders, run, zig } from "../tools/toolchain.mjs";
import { compileUnits } from "./gyp-targets.mjs";

export const addons = { accel_ops: accelOps, ane_runtime: aneRuntime };

export async function compileMachO(name) {
  const folder = addons[name];
  const units = await compileUnits(folder);
  const target = `aarch64-macos.${units.minimumMacos}`;
  const objects = freshFolder(join(out, "macho", name, "objects"));
  const files = await inParallel(units.sources, async ({ file, flags, target: group }) => {
    const object = join(objects, `${group}.${file.replaceAll("/", ".")}.o`);
    const include = [`-I${join(darwin, "sdk/include")}`, `-isystem${nodeHeaders}`];
    const fixed = ["c++", "-target", target, "-Werror", "-Wno-nullability-completeness"];
    await run(zig, [...fixed, ...flags, ...include, "-c", file, "-o", object], { cwd: folder });
    return object;
  });
  // Apple's Foundation re-exports the runtime; its stub here does not.
  const runtime = units.sources.some(({ file }) => file.endsWith(".mm")) ? ["-lobjc"] : [];
  const libraries = [...units.libraries.flatMap((library) => library.split(" ")), ...runtime];
  return { ...units, name, target, files, libraries };
}
