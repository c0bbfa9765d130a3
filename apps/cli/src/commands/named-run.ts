/** The argument RUN of commands that read runs. */
import { readConfig } from "@ane/run-records";
import type { Context } from "../context.js";
import { naming } from "../naming.js";
import { runFolder } from "../run-folder.js";

/**
 * @param name A folder, a name under runs/, or "" for the newest.
 * @returns The run's folder. @throws UsageError where there is no run
 */
export function namedRun(context: Context, name: string): string {
  const directory = runFolder(context, name, "RUN");
  naming("RUN", () => readConfig(directory));
  return directory;
}
