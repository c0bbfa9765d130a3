// Links the same objects with LLVM's ld64.lld, the second opinion: chained fixups as Apple's linker makes them, and any
// undefined name that is not N-API's is an error.
import { join } from "node:path";
import { writeStubs } from "../sdk/write-stubs.mjs";
import { addonEntryPoints } from "../tools/check-macho.mjs";
import { out } from "../tools/paths.mjs";
import { freshFolder, run, zig, zigLibrary } from "../tools/toolchain.mjs";

/** zig compiles libc++ and libc++abi once per target and says where they are when it links. */
async function cxxArchives(target, probe) {
  const library = ["-shared", "-o", join(probe, "probe.dylib"), "-x", "c++", "/dev/null"];
  const said = await run(zig, ["c++", "-v", "-target", target, "-O2", ...library]);
  const archives = new Set(said.match(/\S*libc\+\+(?:abi)?\.a/g));
  if (archives.size !== 2) throw new Error(`zig must name libc++.a and libc++abi.a, said\n${said}`);
  return [...archives];
}

async function napiImports(files) {
  const said = await run("llvm-nm-19", ["-u", ...files]);
  return [...new Set(said.match(/_(?:napi|node_api)_\w+/g))];
}

export async function linkWithLd64({ name, target, minimumMacos, files, libraries }) {
  const folder = freshFolder(join(out, "macho", name, "ld64"));
  const file = join(folder, `${name}.node`);
  const napi = await napiImports(files);
  await run("ld64.lld-19", [
    ...["-arch", "arm64", "-platform_version", "macos", minimumMacos, minimumMacos],
    ...["-dylib", "-install_name", `@rpath/${name}.node`, "-o", file],
    ...files,
    ...(await cxxArchives(target, folder)),
    ...writeStubs(join(out, "macho/stubs")),
    ...libraries,
    join(zigLibrary, "libc/darwin/libSystem.tbd"),
    ...napi.flatMap((symbol) => ["-U", symbol]),
    ...["-dead_strip", "-x", "-adhoc_codesign", "-fixup_chains"],
    ...addonEntryPoints.flatMap((symbol) => ["-exported_symbol", symbol]),
  ]);
  return file;
}
