/** The argument RUN of commands that read runs. */
import { existsSync } from "node:fs";
import { readConfig } from "@ane/run-records";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { naming } from "../naming.js";
import { runFolder, runNames } from "../run-folder.js";

/** Names that an error lists. */
const MANY = 8;

/**
 * @param name A folder, a name under runs/, or "" for the newest.
 * @returns The run's folder. @throws UsageError where there is no run
 */
export function namedRun(context: Context, name: string): string {
  const directory = runFolder(context, name, "RUN");
  if (!existsSync(directory)) {
    const names = runNames.call(context);
    const there = names.slice(0, MANY).join(", ") + (names.length > MANY ? ", and more" : "");
    throw new UsageError(
      `RUN: expected the folder of a run, or its name under runs/, got nothing at ${directory}. Under runs/ there ${names.length === 0 ? "are none" : `is: ${there}`}.`,
    );
  }
  naming("RUN", () => readConfig(directory));
  return directory;
}
