/** A context whose output can be read back. */
import { run } from "@stricli/core";
import { app } from "../src/app.js";
import type { Context } from "../src/context.js";
import { exitStatus } from "../src/exit-status.js";
import { withoutAliases } from "../src/flag-aliases.js";

export interface TestContext extends Context {
  stdout(): string;
  stderr(): string;
}

export function testContext(
  options: Partial<Pick<Context, "directory" | "interactive" | "columns">> = {},
): TestContext {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    process: { stdout: stream("stdout"), stderr: stream("stderr"), env: {} },
    directory: process.cwd(),
    interactive: false,
    columns: 80,
    interruptible: () => new AbortController().signal,
    ...options,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

/** Runs the command line in this process. @returns The exit status as a shell sees it, and what was written. */
export async function runAne(
  inputs: readonly string[],
  options: Partial<Pick<Context, "directory" | "interactive" | "columns">> = {},
): Promise<{ code: number; out: string; err: string }> {
  const context = testContext(options);
  await run(app, withoutAliases(inputs), context);
  const code = exitStatus(context.process.exitCode);
  return { code, out: context.stdout(), err: context.stderr() };
}
