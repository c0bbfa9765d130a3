/** Programs around this one: what builds native code, and what starts several processes. */
import { spawnSync } from "node:child_process";
import { type Check, ok, warn } from "./check.js";

/** Runs `program --version`. @returns Its first line, or undefined where there is no such program. */
export type AskVersion = (program: string) => string | undefined;

export const askVersion: AskVersion = (program) => {
  const { status, stdout, stderr } = spawnSync(program, ["--version"], {
    encoding: "utf8",
    timeout: 10_000,
  });
  if (status !== 0) return undefined;
  return (stdout || stderr).trim().split("\n")[0] || "there";
};

const INSTALL: Readonly<Record<string, string>> = {
  darwin: "xcode-select --install",
  linux: "apt install build-essential python3, or what your distribution calls them",
};

/** @param hasAddon Native code that is there needs no tools. */
export function toolChecks(ask: AskVersion, hasAddon: boolean): Check[] {
  const tools = [
    ["compiler", [process.env.CXX ?? "c++", "g++", "clang++"]],
    ["make", ["make"]],
    ["python3", ["python3"]],
  ] as const;
  const found = tools.map(([name, programs]) => ({
    name,
    version: programs.map(ask).find((version) => version !== undefined),
  }));
  const missing = found.filter(({ version }) => version === undefined).map(({ name }) => name);
  const evidence = found.map(({ name, version }) => version ?? `no ${name}`).join("; ");
  if (missing.length === 0 || hasAddon) {
    const note = missing.length === 0 ? "" : "; not needed, as the native code is there";
    return [ok("build tools", `${evidence}${note}`)];
  }
  return [
    warn(
      "build tools",
      evidence,
      `Native code cannot be built without ${missing.join(", ")}: ${INSTALL[process.platform] ?? "install them"}`,
    ),
  ];
}

export function mpiCheck(ask: AskVersion): Check {
  const version = ask("mpirun");
  if (version === undefined) {
    return warn(
      "Open MPI",
      "no mpirun on the PATH",
      "Needed for train --distributed mpi alone: install openmpi-bin (Debian) or open-mpi (Homebrew)",
    );
  }
  if (/open\s?mpi|openrte/i.test(version)) return ok("Open MPI", version);
  return warn("Open MPI", version, "Of the MPIs only Open MPI is supported: put its mpirun first");
}
