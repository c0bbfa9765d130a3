// Builds the loader of Mach-O addons for arm64 Linux: buildLoader() -> the file to copy beside an image (see
// machload/addon.mm).
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { arm64Root, darwin, out } from "../tools/paths.mjs";
import { freshFolder, inParallel, nodeHeaders, run } from "../tools/toolchain.mjs";

/** Objective-C on GNUstep and GCC's runtime, whose headers come last: they hide the compiler's own otherwise. */
export async function gnustepFlags() {
  const gcc = (await run("gcc", ["-print-file-name=include"])).trim();
  return [
    ...["-fno-objc-arc", "-fobjc-runtime=gcc", "-fobjc-exceptions", "-fexceptions"],
    ...["-fconstant-string-class=NSConstantString", "-DGNUSTEP=1", "-DGNUSTEP_BASE_LIBRARY=1"],
    ...[
      "-DGNU_RUNTIME=1",
      "-D_NATIVE_OBJC_EXCEPTIONS",
      "-isystem/usr/include/GNUstep",
      "-idirafter",
      gcc,
    ],
  ];
}

/** GNUstep's libraries for arm64, by file: the private root has no names for linking. */
export function gnustepLibraries() {
  const library = (folder, name) => {
    const file = readdirSync(join(arm64Root, folder)).find((file) => file.startsWith(name));
    return join(arm64Root, folder, file);
  };
  return [
    library("usr/lib", "libgnustep-base.so."),
    library("usr/lib/aarch64-linux-gnu", "libobjc.so."),
  ];
}

export async function buildLoader() {
  const folder = join(darwin, "machload");
  const objects = freshFolder(join(out, "machload/objects"));
  const gnustep = await gnustepFlags();
  const sources = readdirSync(folder).filter((file) => /\.(cpp|mm|S)$/.test(file));
  const files = await inParallel(sources, async (source) => {
    const object = join(objects, `${source}.o`);
    await run("clang++-19", [
      ...[
        "--target=aarch64-linux-gnu",
        "-std=c++20",
        "-O1",
        "-g",
        "-fPIC",
        "-pthread",
        "-fvisibility=hidden",
      ],
      ...["-Wall", "-Wextra", "-Werror", "-DNAPI_VERSION=8", `-isystem${nodeHeaders}`],
      ...(source.endsWith(".mm") ? gnustep : []),
      ...["-c", join(folder, source), "-o", object],
    ]);
    return object;
  });
  const file = join(out, "machload/machload.node");
  await run("aarch64-linux-gnu-g++", [
    ...["-shared", "-pthread", "-Wl,-z,nodelete", "-Wl,--allow-shlib-undefined", "-o", file],
    ...files,
    ...gnustepLibraries(),
    "-ldl",
  ]);
  return file;
}
