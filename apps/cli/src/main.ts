#!/usr/bin/env node
/** The `ane` program: builds the context from this process and runs the command that its arguments name. */
import { run } from "@stricli/core";
import { app } from "./app.js";
import { type Context, userDirectory } from "./context.js";
import { exitStatus, interruptedStatus } from "./exit-status.js";

function interruptible(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(interruptedStatus);
      process.stderr.write("\nFinishing this micro-step and saving; once more to stop at once.\n");
      interrupt.abort();
    });
  }
  return interrupt.signal;
}

// A reader that has seen enough (`ane sample | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const context: Context = {
  process: { stdout: process.stdout, stderr: process.stderr, env: process.env },
  directory: userDirectory(process.cwd(), process.env),
  interactive: process.stderr.isTTY === true && process.stdout.isTTY === true,
  columns: process.stderr.columns ?? 80,
  interruptible,
};

await run(app, process.argv.slice(2), context);
process.exitCode = exitStatus(context.process.exitCode);
