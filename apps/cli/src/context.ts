/** What a command needs of the outside world; tests hand in their own. */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandContext, StricliProcess } from "@stricli/core";

export interface Context extends CommandContext {
  readonly process: StricliProcess;
  /** Paths on the command line are relative to this folder. */
  readonly directory: string;
  /** True where standard error is a terminal that a line can be redrawn on. */
  readonly interactive: boolean;
  /** Width of that terminal in characters. */
  readonly columns: number;
  /**
   * From now on Ctrl-C, SIGTERM, the end of the terminal (SIGHUP) and a closed standard output ask the command to end at the
   * next safe point, by this signal; a second Ctrl-C or SIGTERM ends it at once. Commands that do not call this end at the first.
   * @param notice Said at the first, "" for nothing; by default that training finishes its micro-step.
   */
  interruptible(notice?: string): AbortSignal;
}

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));

/**
 * The folder the user typed the command in. `pnpm --filter cli` runs scripts inside this package and leaves the
 * user's own folder in INIT_CWD.
 */
export function userDirectory(cwd: string, environment: NodeJS.ProcessEnv): string {
  const insidePackage = resolve(cwd) === resolve(packageDirectory);
  return insidePackage && environment.INIT_CWD ? environment.INIT_CWD : cwd;
}

/** A path given by the user, made absolute. */
export function userPath(context: Context, path: string): string {
  return isAbsolute(path) ? path : resolve(context.directory, path);
}
