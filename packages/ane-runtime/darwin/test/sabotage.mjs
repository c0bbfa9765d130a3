// Breaks the binding on purpose, one fault at a time, in a copy of the package, and shows which suites notice: a check that has never
// failed proves nothing. node sabotage.mjs [part of a name]. Takes minutes; ends with 1 if a fault passes unnoticed.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { accelOps, aneRuntime, darwin, out, repository } from "../tools/paths.mjs";

/** name, file, what it says, what it shall say, and where that must be noticed: mode and suites. */
const faults = [
  {
    name: "a double release",
    file: "native/ane/ref.h",
    from: "~Ref() { [object_ release]; }",
    to: "~Ref() { [object_ release]; [object_ release]; }",
    mode: "zombies",
    suites: ["lifecycle"],
  },
  {
    name: "a reference that is never released",
    file: "native/ane/ref.h",
    from: "~Ref() { [object_ release]; }",
    to: "~Ref() {}",
    suites: ["lifecycle"],
  },
  {
    name: "Foundation objects that are never released",
    file: "native/ane/failure.mm",
    from: "const char* text = [[object description] UTF8String];",
    to: "const char* text = [[[object description] mutableCopy] UTF8String];",
    suites: ["foundation"],
  },
  {
    name: "no pool around an evaluation",
    file: "native/ane/model.mm",
    from: "nanoseconds->reset();\n  @autoreleasepool {",
    to: "nanoseconds->reset();\n  {",
    suites: ["lifecycle", "async"],
  },
  {
    name: "no pool around the end of a surface",
    file: "native/ane/surface.mm",
    from: "Surface::State::~State() {\n  @autoreleasepool {",
    to: 'Surface::State::~State() {\n  {\n    [NSString stringWithUTF8String:"an autoreleased object"];',
    suites: ["lifecycle"],
  },
  {
    name: "a lock that is not given back",
    file: "native/ane/surface.mm",
    from: "const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(writable), nullptr) == 0;",
    to: "const bool unlocked = true;",
    suites: ["lifecycle"],
  },
  {
    name: "a lock given back as another one",
    file: "native/ane/surface.mm",
    from: "const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(writable), nullptr) == 0;",
    to: "const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(true), nullptr) == 0;",
    suites: ["lifecycle"],
  },
  {
    name: "a read-only lock for writing",
    file: "native/ane/surface.mm",
    from: "return writable ? 0 : kIOSurfaceLockReadOnly;",
    to: "return kIOSurfaceLockReadOnly;",
    suites: ["lifecycle"],
  },
  {
    name: "no lock at all",
    file: "native/ane/surface.mm",
    from: "if (IOSurfaceLock(state_->surface, lockOptions(writable), nullptr) == 0) return true;",
    to: "return true;",
    suites: ["lifecycle"],
  },
  {
    name: "surfaces evaluated while they are in use",
    file: "native/ane/surface.mm",
    from: "released.wait(guard, [&] { return std::all_of(surfaces.begin(), surfaces.end(), isFree); });",
    to: "(void)isFree;",
    suites: ["shared", "async"],
  },
  {
    name: "surfaces locked while they are evaluated",
    file: "native/ane/surface.mm",
    from: "released.wait(guard, [this] { return !state_->evaluating; });",
    to: "",
    suites: ["async"],
  },
  {
    name: "a counter of locks that nothing guards",
    file: "native/ane/surface.mm",
    from: "const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(writable), nullptr) == 0;\n  const std::lock_guard<std::mutex> guard(mutex);",
    to: "const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(writable), nullptr) == 0;",
    mode: "tsan",
    suites: ["async", "shared"],
  },
  {
    name: "a surface that is never freed",
    file: "native/ane/surface.mm",
    from: "if (surface) CFRelease(surface);",
    to: "",
    suites: ["lifecycle"],
  },
  {
    name: "requests that outlive their surfaces",
    file: "native/ane/surface.mm",
    from: "cache->forget(serial);",
    to: "(void)cache;",
    suites: ["lifecycle"],
  },
  {
    name: "swapped inputs",
    file: "native/ane/request_cache.mm",
    from: "inputIndices:numbersOf(inputs_)",
    to: "inputIndices:numbersOf({inputs_.rbegin(), inputs_.rend()})",
    suites: ["ports"],
  },
  {
    name: "ports by their place instead of their symbol",
    file: "src/ane/kernel.ts",
    from: "boundInputs.map(({ symbol }) => symbol)",
    to: "boundInputs.map((_, place) => boundInputs.length - 1 - place)",
    suites: ["ports"],
  },
  {
    name: "row strides that the model does not have",
    file: "src/ane/ports.ts",
    from: "...(rowStride === alignedRowStride(port.dtype, w) ? {} : { rowStride }),",
    to: "",
    suites: ["ports"],
  },
  {
    name: "a BOOL that nobody looks at",
    file: "native/ane/model.mm",
    from: "if (!evaluated || error) {",
    to: "(void)evaluated;\n  if (error) {",
    suites: ["failures"],
  },
  {
    name: "an NSError that nobody looks at",
    file: "native/ane/model.mm",
    from: "if (!evaluated || error) {",
    to: "if (!evaluated) {",
    suites: ["failures"],
  },
  {
    name: "an exception that nobody catches",
    file: "native/ane/model.mm",
    from: 'return failWithThrown(failure, "evaluate", thrown);',
    to: "@throw;",
    suites: ["failures"],
  },
  {
    name: "weights that are not written to the folder",
    file: "native/ane/folder.mm",
    from: "if (!writeFile(data, [folder stringByAppendingPathComponent:relative], failure)) return false;",
    to: "(void)data; (void)relative;",
    suites: ["lifecycle"],
  },
  {
    name: "a folder that is not removed",
    file: "native/ane/folder.mm",
    from: "if (alone && !removeAt(temporary(identifier), failure)) return false;",
    to: "(void)alone;",
    suites: ["failures", "processes"],
  },
  {
    name: "folders of dead processes that nobody removes",
    file: "native/ane/folder.mm",
    from: "void sweepFolders() {",
    to: "void sweepFolders() {\n  return;",
    suites: ["processes"],
  },
  {
    name: "folders taken from living processes",
    file: "native/ane/folder.mm",
    from: "return kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM;",
    to: "return pid == getpid() || errno == EAGAIN;",
    suites: ["processes"],
  },
  {
    name: "a model that is not unloaded",
    file: "native/ane/model_steps.mm",
    from: "if (!state.loaded) return true;",
    to: "return true;",
    suites: ["lifecycle"],
  },
  {
    name: "no second attempt to load",
    file: "native/ane/model_steps.mm",
    from: "std::this_thread::sleep_for(kPauseBeforeRetry);",
    to: "std::this_thread::sleep_for(kPauseBeforeRetry);\n  return false;",
    suites: ["failures"],
  },
  {
    name: "models that live on when the process ends",
    file: "native/ane/live_models.mm",
    from: "std::atexit(",
    to: "(void)(",
    suites: ["processes"],
  },
  {
    name: "one element too many",
    file: "native/binding/surface_object.cpp",
    from: "toHalf(source + row * columns, static_cast<uint16_t*>(surface.data()) + place, columns);",
    to: "toHalf(source + row * columns, static_cast<uint16_t*>(surface.data()) + place, columns + 1);",
    mode: "asan",
    suites: ["ports"],
  },
  {
    name: "views of memory that is gone",
    file: "native/binding/surface_object.cpp",
    from: "buffer_.Value().Detach();",
    to: "",
    suites: ["lifecycle"],
  },
  {
    name: "a budget that nobody checks",
    file: "src/budget.ts",
    from: "DEFAULT_COMPILE_BUDGET = 119",
    to: "DEFAULT_COMPILE_BUDGET = 1190",
    suites: ["budget"],
  },
];

const copy = join(out, "sabotage/packages/ane-runtime");

/** Makes `to` the tree that `from` is. Equal files are left alone, so that only what differs is compiled again. */
function mirror(from, to) {
  if (!statSync(from).isDirectory()) {
    if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) copyFileSync(from, to);
    return;
  }
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from);
  for (const name of readdirSync(to)) {
    if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
  }
  for (const name of names) mirror(join(from, name), join(to, name));
}

/** The package, with what it finds beside itself linked, and what an earlier sabotage has built. */
function copyPackage() {
  const link = (from, to) => {
    rmSync(to, { force: true });
    symlinkSync(from, to);
  };
  mkdirSync(join(copy, "darwin"), { recursive: true });
  for (const part of ["src", "native", "dist", "test", "package.json", "tsconfig.json"]) {
    mirror(join(aneRuntime, part), join(copy, part));
  }
  const linked = ["arm64-root", "node_modules"];
  for (const part of readdirSync(darwin)) {
    if (linked.includes(part)) link(join(darwin, part), join(copy, "darwin", part));
    else if (part !== basename(out)) mirror(join(darwin, part), join(copy, "darwin", part));
  }
  link(join(aneRuntime, "node_modules"), join(copy, "node_modules"));
  link(accelOps, join(copy, "../accel-ops"));
  mirror(join(repository, "tsconfig.base.json"), join(copy, "../../tsconfig.base.json"));
}

/** What the suites said, with everything they print kept back. */
async function heardBy(run, mode, suites) {
  const said = [];
  const [log, error] = [process.stdout.write, process.stderr.write];
  process.stdout.write = process.stderr.write = (text) => said.push(text) > 0;
  try {
    const passed = await run(mode, suites);
    return { passed, said: said.join("") };
  } catch (failure) {
    return { passed: false, said: failure.message, unbuilt: true };
  } finally {
    process.stdout.write = log;
    process.stderr.write = error;
  }
}

/** The tests that failed and the complaints, each once and shortened. */
function witnesses(said) {
  const lines = said.split("\n");
  const failed = lines.flatMap((line) => /^\s+×\s+(.*?)(\s+\d+ms)?$/.exec(line)?.[1] ?? []);
  const complaints = lines
    .flatMap((line) => /^complaint: (.*)/.exec(line)?.[1] ?? [])
    .map((line) =>
      line
        .replace(
          /^.*(?=\*\*\* -\[)|^.*(?=autorelease called)| 0x[0-9a-f]+| \(pid=\d+\)|==\d+==/g,
          "",
        )
        .slice(0, 110),
    );
  const ended = lines.some((line) => /Worker exited unexpectedly/.test(line))
    ? ["the process ended"]
    : [];
  const distinct = [...new Set([...ended, ...failed, ...complaints])];
  if (distinct.length === 0) return lines.slice(-30).join("\n");
  return (
    distinct.slice(0, 4).join("; ") +
    (distinct.length > 4 ? `; and ${distinct.length - 4} more` : "")
  );
}

copyPackage();
process.env.NO_COLOR = "1";
const { runSuites } = await import(pathToFileURL(join(copy, "darwin/test/run-suites.mjs")).href);
const intact = await heardBy(runSuites, "plain", ["lifecycle", "ports"]);
if (!intact.passed) throw new Error(`the suites must pass on the intact copy:\n${intact.said}`);
const [wanted = ""] = process.argv.slice(2);
for (const { name, file, from, to, mode = "plain", suites } of faults.filter((fault) =>
  fault.name.includes(wanted),
)) {
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  if (!source.includes(from)) {
    console.log(`cannot sabotage: ${name}: ${file} no longer says ${JSON.stringify(from)}`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(path, source.replace(from, to));
  const { passed, said, unbuilt } = await heardBy(runSuites, mode, suites);
  writeFileSync(path, source);
  if (unbuilt) {
    console.log(`cannot sabotage: ${name}: ${said}`);
    process.exitCode = 1;
    continue;
  }
  console.log(
    `${passed ? "UNNOTICED" : "noticed"}: ${name} (${mode} ${suites.join(" ")})${passed ? "" : `: ${witnesses(said)}`}`,
  );
  if (passed) process.exitCode = 1;
}
