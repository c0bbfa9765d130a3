/** What the Neural Engine needs, in the order in which it is opened. After the first step that fails nothing more can be seen. */
import { arch } from "node:os";
import type { EngineInfo } from "@ane/ane-runtime";
import type { EngineReport } from "@ane/ane-runtime/selftest";
import { type Check, fail, ok, warn } from "./check.js";

const CPU = "use --device cpu meanwhile";
/** Versions of macOS whose framework is known. */
const MACOS = { first: 13, last: 26 } as const;

export function engineChecks(report: EngineReport): Check[] {
  const platform = `${process.platform} ${arch()}`;
  const {
    addon,
    addonProblem,
    system,
    frameworkProblems,
    methods,
    hasEngine,
    info,
    compileBudget,
  } = report;
  const silicon = process.platform === "darwin" && arch() === "arm64";
  const first = silicon
    ? ok("apple silicon", platform)
    : warn(
        "apple silicon",
        platform,
        `The Neural Engine is in Macs with Apple silicon only: ${CPU}`,
      );
  if (addonProblem !== null || system === null) {
    const remedy = silicon
      ? "Build it with `pnpm --filter @ane/ane-runtime run build:native`"
      : `Nothing to do here: ${CPU}`;
    return [first, warn("engine addon", addonProblem ?? "not loaded", remedy)];
  }
  const opened = [first, ok("engine addon", addon ?? "loaded"), systemCheck(system)];
  if (frameworkProblems === null || frameworkProblems.length > 0) {
    const remedy = `This system's framework is unknown to this package: report it, ${CPU}`;
    return [
      ...opened,
      ...(frameworkProblems ?? []).map((problem) => fail("framework", problem, remedy)),
      ...classChecks(methods),
    ];
  }
  return [
    ...opened,
    ok(
      "framework",
      "AppleNeuralEngine is there, with every class and selector that is always needed, of the expected types",
    ),
    ...classChecks(methods),
    ...missingChecks(info!),
    engineCheck(hasEngine, info!),
    chipCheck(info!),
    ok(
      "compile budget",
      `${compileBudget} compilations per process; ane train goes on in a new process when they are used up`,
    ),
  ];
}

function systemCheck({ version, build }: { version: string; build: string }): Check {
  const major = Number.parseInt(version, 10);
  const evidence = version === "" ? "unknown" : `${version} (${build})`;
  if (major >= MACOS.first && major <= MACOS.last) return ok("macOS", evidence);
  return warn(
    "macOS",
    evidence,
    `Known are macOS ${MACOS.first} to ${MACOS.last}: run \`ane selftest\` and post its report`,
  );
}

/** What is there of each class; what is not is a check of its own. */
function classChecks(methods: EngineReport["methods"]): Check[] {
  const classes = new Set(methods.map(({ className }) => className));
  return [...classes].flatMap((name) => {
    const used = methods.filter(({ className }) => className === name);
    const there = used.filter(({ defect }) => defect === "").map(({ method }) => method);
    if (there.length === 0) return [];
    return [
      ok("class", `${name}, ${there.length} of ${used.length} selectors:\n${there.join("\n")}`),
    ];
  });
}

function missingChecks({ missing }: EngineInfo): Check[] {
  if (missing.length === 0)
    return [
      ok("optional selectors", "all there: cache, attributes, statistics, device information"),
    ];
  return missing.map((part) =>
    warn("optional selectors", part, "What needs it is switched off; nothing to do"),
  );
}

function engineCheck(
  hasEngine: boolean | null,
  { engines, cores, architecture, virtualMachine }: EngineInfo,
): Check {
  const evidence = `${engines ?? "unknown number of"} engines, ${cores ?? "unknown number of"} cores, ${architecture ?? "unknown architecture"}`;
  if (hasEngine === false) {
    return fail(
      "engine",
      virtualMachine ? "none: this is a virtual machine" : "the framework finds none",
      `Run on the Mac itself, or ${CPU}`,
    );
  }
  return ok("engine", evidence);
}

function chipCheck({ chip, generation }: EngineInfo): Check {
  if (generation !== null) return ok("chip", `${chip ?? "unknown name"}, rules of ${generation}`);
  return warn(
    "chip",
    chip ?? "unknown",
    "The verifier has no rules for this chip: run `ane selftest` and post its report",
  );
}

/** @param expected whether there is an engine to be counted */
export function energyCheck(found: boolean, expected: boolean): Check {
  if (found) return ok("energy counters", "there: `openEnergyMeter` counts joules");
  if (!expected) return ok("energy counters", "none, as expected without Apple silicon");
  return warn(
    "energy counters",
    "none, or none that may be read",
    "Energy is not measured; nothing else needs it",
  );
}
