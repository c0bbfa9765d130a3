// Reads a package's binding.gyp through gyp, for macOS on arm64, so that the cross build compiles the same files with
// the same settings as node-gyp does on a Mac: compileUnits(folder) -> { sources: [{ file, flags }], libraries,
// minimumMacos, name }.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { accelOps, darwin } from "../tools/paths.mjs";
import { run } from "../tools/toolchain.mjs";

/** Xcode settings as compiler flags. A setting that is not here stops the build: it would be lost silently. */
const settings = {
  CLANG_CXX_LANGUAGE_STANDARD: (value) => [`-std=${value}`],
  CLANG_CXX_LIBRARY: () => [],
  CLANG_ENABLE_OBJC_ARC: (value, objectiveC) =>
    objectiveC ? [value === "YES" ? "-fobjc-arc" : "-fno-objc-arc"] : [],
  GCC_ENABLE_CPP_EXCEPTIONS: (value) => [value === "YES" ? "-fexceptions" : "-fno-exceptions"],
  GCC_ENABLE_CPP_RTTI: (value) => [value === "YES" ? "-frtti" : "-fno-rtti"],
  GCC_ENABLE_OBJC_EXCEPTIONS: (value, objectiveC) =>
    objectiveC && value === "YES" ? ["-fobjc-exceptions"] : [],
  GCC_OPTIMIZATION_LEVEL: (value) => [`-O${value}`],
  GCC_SYMBOLS_PRIVATE_EXTERN: (value) => (value === "YES" ? ["-fvisibility=hidden"] : []),
  GCC_TREAT_WARNINGS_AS_ERRORS: () => [],
  MACOSX_DEPLOYMENT_TARGET: () => [],
  OTHER_CFLAGS: (value) => value,
  OTHER_CPLUSPLUSFLAGS: (value) => value,
  OTHER_LDFLAGS: () => [],
  WARNING_CFLAGS: (value) => value,
};

function flagsOf(configuration, file, where) {
  const objectiveC = file.endsWith(".mm");
  const xcode = Object.entries(configuration.xcode_settings ?? {}).flatMap(([name, value]) => {
    if (!settings[name]) {
      throw new Error(`${where}: every Xcode setting must be known here, got ${name}. Add it.`);
    }
    return settings[name](value, objectiveC);
  });
  return [
    ...xcode,
    ...(configuration.defines ?? []).map((define) => `-D${define}`),
    ...(configuration.include_dirs ?? []).map((folder) => `-I${folder}`),
  ];
}

export async function compileUnits(folder) {
  const nodeGyp = createRequire(join(accelOps, "package.json")).resolve("node-gyp/package.json");
  const pylib = join(dirname(nodeGyp), "gyp/pylib");
  const script = join(darwin, "compile/evaluate_gyp.py");
  const targets = JSON.parse(await run("python3", ["-B", script, pylib], { cwd: folder }));
  const sources = targets.flatMap((target) => {
    const configuration = Object.values(target.configurations)[0];
    return (target.sources ?? [])
      .filter((file) => /\.(cpp|cc|mm)$/.test(file))
      .map((file) => ({
        file,
        flags: flagsOf(configuration, file, `${folder}/binding.gyp`),
        target: target.target_name,
      }));
  });
  const addon = targets.find((target) => target.type === "loadable_module");
  const { xcode_settings } = Object.values(addon.configurations)[0];
  return {
    name: addon.target_name,
    sources,
    libraries: addon.libraries ?? [],
    minimumMacos: xcode_settings.MACOSX_DEPLOYMENT_TARGET,
  };
}
