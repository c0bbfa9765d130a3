/** A context whose output can be read back. */
import type { Context } from "../src/context.js";

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
