// The checks of `pnpm test:darwin`, in order: what each needs and does. A check throws, with the output of what failed,
// or returns a few words for its line. `full` takes everything where the normal run takes a part of what emulation
// makes slow.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { buildAccelOpsArm64 } from "./compile/accel-ops-arm64.mjs";
import { assembleAccelOps, buildMachO, linkers } from "./compile/assemble-macho.mjs";
import { compareConversions } from "./conversion/compare.mjs";
import { checkAddon } from "./tools/check-macho.mjs";
import { checkSelectors } from "./tools/check-selectors.mjs";
import { checkTheChecks } from "./tools/check-the-checks.mjs";
import { accelOps, aneRuntime, darwin } from "./tools/paths.mjs";
import { run } from "./tools/toolchain.mjs";

const linux = ["clang", "gnustep", "built packages"];
const emulation = ["qemu", "arm64 node", "arm64 libraries", "cross compiler"];

function failIfAny(problems) {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function selectors() {
  const { declared, tabled, problems } = await checkSelectors();
  failIfAny(problems);
  return `${declared} methods declared, ${tabled} checked at run time`;
}

/** The suites' own types: no package's tsconfig includes them. */
async function types() {
  const { resolve } = createRequire(join(aneRuntime, "package.json"));
  const tsc = join(dirname(resolve("typescript/package.json")), "bin/tsc");
  const project = join(darwin, "test/tsconfig.json");
  const said = await run(process.execPath, [tsc, "--project", project, "--listFiles"]);
  const files = said.split("\n").filter((file) => file.startsWith(join(darwin, "test/")));
  return `${files.length} files`;
}

const inspectMachO = (name, linker) => async () => {
  const { file, minimumMacos } = await buildMachO(name, linker);
  const { imports, fixups, problems } = checkAddon(
    readFileSync(file),
    basename(file),
    minimumMacos,
  );
  failIfAny(problems);
  return `${imports.length} imports, ${fixups} fixups`;
};

const vitest = join(
  dirname(createRequire(join(accelOps, "package.json")).resolve("vitest/package.json")),
  "vitest.mjs",
);

async function faultsFound() {
  const { file, minimumMacos } = await buildMachO("ane_runtime", "ld64");
  return `${await checkTheChecks(file, minimumMacos)} faults found`;
}

/** accel-ops' own tests in emulated workers, with the addon of that folder. */
async function accelOpsTests(folder, files, env = {}) {
  const config = join(darwin, "test/accel-ops-emulated.config.mts");
  const said = await run(process.execPath, [vitest, "run", "--config", config, ...files], {
    cwd: accelOps,
    env: { ...process.env, "@ANE/ACCEL_OPS_PREBUILD": folder, NO_COLOR: "1", ...env },
  });
  return testsPassed(said);
}

function testsPassed(said) {
  const passed = said.match(/Tests +(\d+ passed[^\n]*)/)?.[1];
  if (!passed) throw new Error(`at least one test must run, got\n${said}`);
  return passed;
}

/** Native code that differs most between systems: conversions, products, files, memory, threads, exceptions. */
const accelOpsSample = [
  "convert",
  "map-file",
  "shared-memory",
  "cpu-info",
  "sgemm",
  "background-queue",
];

const suites =
  (mode, sample = []) =>
  async (full) => {
    const said = await run(
      process.execPath,
      [join(darwin, "test/run-suites.mjs"), mode, ...(full ? [] : sample)],
      {
        env: { ...process.env, NO_COLOR: "1" },
      },
    );
    return testsPassed(said);
  };

/** Suites that reach every call of the binding; the others differ in what the framework answers, not in the image. */
const aneRuntimeSample = ["lifecycle", "failures", "ports", "async", "workers", "statistics"];

/** Every 31st float, an odd step so that all exponents, roundings and signs are met; all of them run at night. */
const sampleStep = 31;

/**
 * Lanes run at the same time, the checks of a lane one after the other, because they build into the same folders: "host" runs what
 * is built for this machine, "arm64", where no other is named, builds for and emulates the other.
 */
export const checks = [
  { name: "types", needs: [], run: types },
  { name: "selectors", needs: ["zig"], run: selectors },
  ...Object.keys(linkers).flatMap((linker) =>
    ["ane_runtime", "accel_ops"].map((name) => ({
      name: `mach-o ${name} ${linker}`,
      needs: linker === "ld64" ? ["zig", "lld"] : ["zig"],
      run: inspectMachO(name, linker),
    })),
  ),
  { name: "the checks themselves", needs: ["zig", "lld"], run: faultsFound },
  { name: "suites", needs: linux, lane: "host", run: suites("plain") },
  { name: "suites zombies", needs: linux, lane: "host", run: suites("zombies") },
  { name: "suites address-sanitizer", needs: linux, lane: "host", run: suites("asan") },
  { name: "suites thread-sanitizer", needs: linux, lane: "host", run: suites("tsan") },
  ...Object.keys(linkers).map((linker) => ({
    name: `run mach-o ane_runtime ${linker}`,
    needs: [...linux, ...emulation, "zig", "lld"],
    run: suites(`macho-${linker}`, aneRuntimeSample),
  })),
  {
    name: "run mach-o accel_ops",
    needs: [...linux, ...emulation, "zig"],
    run: async (full) => {
      const files = full ? [] : accelOpsSample;
      return accelOpsTests(await assembleAccelOps("zig"), files, {
        ANE_EMULATED_PLATFORM: "darwin",
      });
    },
  },
  {
    name: "run arm64 linux accel_ops",
    needs: ["built packages", ...emulation],
    run: async (full) => accelOpsTests(await buildAccelOpsArm64(), full ? [] : accelOpsSample),
  },
  {
    name: "conversions",
    needs: ["clang", "qemu", "cross compiler", "arm64 libraries"],
    run: () => compareConversions(sampleStep),
  },
];
