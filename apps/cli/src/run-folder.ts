/** Runs by what a user calls them. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Context, userPath } from "./context.js";
import { UsageError } from "./errors.js";

/**
 * A run by its folder, by its name under runs/, or the newest one there.
 * @param run "" for the newest
 * @param flag What gave it, for the error
 * @throws UsageError where there is none
 */
export function runFolder(context: Context, run: string, flag = "--resume"): string {
  const runs = userPath(context, "runs");
  if (run !== "") {
    const path = userPath(context, run);
    return existsSync(path) || !existsSync(join(runs, run)) ? path : join(runs, run);
  }
  const newest = (existsSync(runs) ? readdirSync(runs) : [])
    .map((name) => join(runs, name))
    .filter((path) => existsSync(join(path, "config.json")))
    .map((path) => ({ path, time: lastChange(path) }))
    .sort((a, b) => b.time - a.time)[0];
  if (newest !== undefined) return newest.path;
  throw new UsageError(
    `${flag}: there must be a run, got none in ${runs}. Give its folder, or start one: ane train`,
  );
}

function lastChange(run: string): number {
  const events = join(run, "events.jsonl");
  return statSync(existsSync(events) ? events : join(run, "config.json")).mtimeMs;
}

/** Of all runs under runs/, for completion. */
export function runNames(this: Context): string[] {
  const runs = userPath(this, "runs");
  if (!existsSync(runs)) return [];
  return readdirSync(runs).filter((name) => existsSync(join(runs, name, "config.json")));
}
