// Links a darwin-arm64 addon with zig's linker: classic dyld-info fixups, libc++ inside, an ad-hoc signature as Apple's
// ld makes it.
import { join } from "node:path";
import { writeStubs } from "../sdk/write-stubs.mjs";
import { out } from "../tools/paths.mjs";
import { freshFolder, run, zig } from "../tools/toolchain.mjs";

export async function linkWithZig({ name, target, files, libraries }) {
  const folder = freshFolder(join(out, "macho", name, "zig"));
  const file = join(folder, `${name}.node`);
  await run(zig, [
    ...["c++", "-target", target, "-O2", "-shared", "-s", "-o", file],
    ...files,
    ...writeStubs(join(out, "macho/stubs")),
    ...libraries,
    // N-API functions come from the node executable.
    "-Wl,-undefined,dynamic_lookup",
    "-Wl,-dead_strip",
    `-Wl,-install_name,@rpath/${name}.node`,
  ]);
  return file;
}
