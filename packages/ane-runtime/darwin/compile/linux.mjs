// Builds the binding and the fake framework for Linux with clang and GNUstep: node linux.mjs [plain] [asan] [tsan].
// Outputs go to out/linux/<variant>: ane_runtime.node, the fake's libraries, fake-control.node. Only what is older than
// its sources or any header is compiled again.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { accelOps, aneRuntime, darwin, out as outputs } from "../tools/paths.mjs";
import { inParallel, run } from "../tools/toolchain.mjs";
import { gnustepLibraries } from "./machload.mjs";

const native = join(aneRuntime, "native");
const fake = join(darwin, "fake");
const compiler = "clang++-19";

/** Flags of each variant. "asan" is AddressSanitizer with UndefinedBehaviorSanitizer; it finds leaks too. */
const variants = {
  plain: [],
  asan: [
    "-fsanitize=address,undefined",
    "-fno-sanitize=vptr",
    "-fno-sanitize-recover=undefined",
    "-shared-libsan",
  ],
  tsan: ["-fsanitize=thread", "-shared-libsan"],
  arm64: ["--target=aarch64-linux-gnu"],
};

/** What is linked into what; the names are those that the binding opens. */
const libraries = [
  { name: "libFakeDarwin.so", sources: [join(fake, "core"), join(fake, "iosurface")] },
  { name: "libAppleNeuralEngine.so", sources: [join(fake, "framework")], links: ["FakeDarwin"] },
  { name: "libIOReport.so", sources: [join(fake, "ioreport")], links: ["FakeDarwin"] },
  { name: "fake-control.node", sources: [join(fake, "control")], links: ["FakeDarwin"] },
  {
    name: "ane_runtime.node",
    sources: [join(native, "ane"), join(native, "binding")],
    // GCC's runtime cannot unload classes, and Node unloads what only a worker has loaded.
    links: ["FakeDarwin"],
    flags: ["-Wl,-z,nodelete"],
  },
];

const capture = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).trim();

function commonFlags() {
  const require = createRequire(join(accelOps, "package.json"));
  const nodeHeaders = join(dirname(dirname(process.execPath)), "include/node");
  return [
    ...["-std=c++17", "-O1", "-g", "-fPIC", "-pthread", "-fno-omit-frame-pointer", "-fexceptions"],
    ...["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"],
    ...[`-I${native}`, `-I${fake}`, `-isystem${join(fake, "include")}`, `-isystem${nodeHeaders}`],
    `-isystem${dirname(require.resolve("node-addon-api/package.json"))}`,
    ...["-DNAPI_VERSION=8", "-DNODE_ADDON_API_CPP_EXCEPTIONS"],
    '-DANE_FRAMEWORK_PATH="libAppleNeuralEngine.so"',
    '-DANE_IOREPORT_PATH="libIOReport.so"',
  ];
}

/** Objective-C on GNUstep and GCC's runtime, whose headers come last: they hide the compiler's own otherwise. */
function objectiveCFlags() {
  return [
    ...[
      "-fno-objc-arc",
      "-fobjc-runtime=gcc",
      "-fobjc-exceptions",
      "-fconstant-string-class=NSConstantString",
    ],
    ...["-DGNUSTEP=1", "-DGNUSTEP_BASE_LIBRARY=1", "-DGNU_RUNTIME=1", "-D_NATIVE_OBJC_EXCEPTIONS"],
    ...["-Werror=objc-method-access", "-isystem/usr/include/GNUstep"],
    ...["-idirafter", capture("gcc", "-print-file-name=include")],
  ];
}

const files = (folder, pattern) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

export async function buildLinux(variant) {
  const out = join(outputs, "linux", variant);
  mkdirSync(join(out, "objects"), { recursive: true });
  const headers = [
    ...files(native, /\.h$/),
    ...files(fake, /\.h$/),
    fileURLToPath(import.meta.url),
  ];
  const newestHeader = Math.max(...headers.map(modified));
  const [common, objectiveC] = [commonFlags(), objectiveCFlags()];
  const compilations = libraries.flatMap(({ name, sources }) =>
    sources
      .flatMap((folder) => files(folder, /\.(mm|cpp)$/))
      .map((source) => ({
        name,
        source,
        object: join(out, "objects", `${name}.${basename(source)}.o`),
      })),
  );
  const stale = compilations.filter(
    ({ source, object }) => modified(object) < Math.max(modified(source), newestHeader),
  );
  await inParallel(stale, ({ source, object }) => {
    const language = source.endsWith(".mm") ? ["-x", "objective-c++", ...objectiveC] : [];
    return run(compiler, [
      ...common,
      ...variants[variant],
      ...language,
      "-c",
      source,
      "-o",
      object,
    ]);
  });
  for (const { name, links = [], flags = [] } of libraries) {
    const objects = compilations.filter((unit) => unit.name === name).map(({ object }) => object);
    const wanted = links.flatMap((link) => [`-l${link}`]);
    const gnustep = variant === "arm64" ? gnustepLibraries() : ["-lgnustep-base", "-lobjc"];
    await run(compiler, [
      ...[
        "-shared",
        "-pthread",
        ...variants[variant],
        `-Wl,-soname,${name}`,
        "-Wl,-rpath,$ORIGIN",
        ...flags,
      ],
      ...["-o", join(out, name), ...objects, `-L${out}`, ...wanted, ...gnustep, "-ldl"],
    ]);
  }
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  try {
    for (const variant of wanted.length > 0 ? wanted : Object.keys(variants))
      await buildLinux(variant);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
