/** Which machine and which commit a result belongs to, and whether the machine was idle while it was measured. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { cpuInfo } from "@ane/accel-ops";

/** Work that others do at the same time, in cores, above which a result says little. */
const idleLoad = 0.3;
/** The slowest of equal pieces of work over the fastest, above which something disturbed them. */
const steadySpread = 1.15;

export function describeMachine() {
  const { isa, threads, features } = cpuInfo();
  return {
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    threads,
    isa,
    features,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    commit: commit(),
  };
}

/** Short hash of the commit, with "+" where files differ from it; undefined outside a repository. */
function commit() {
  const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short", "HEAD") + (isChanged ? "+" : "");
  } catch {
    return undefined;
  }
}

/**
 * Reasons to doubt that the machine was idle; empty if there are none.
 * @param {number[]} probes Times or rates of equal pieces of work, spread over the run.
 */
export function disturbances(probes) {
  const found = [];
  if (loadAtStart > idleLoad) {
    found.push(`load average ${loadAtStart.toFixed(2)} when the benchmark began`);
  }
  const ratio = Math.max(...probes) / Math.min(...probes);
  if (ratio > steadySpread) {
    found.push(`equal pieces of work differed by ${((ratio - 1) * 100).toFixed(0)} %`);
  }
  return found;
}

const loadAtStart = loadavg()[0];
