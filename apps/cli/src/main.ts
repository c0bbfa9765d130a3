#!/usr/bin/env node
/** The `ane` program: builds the context from this process and runs the command that its arguments name. */
import { run } from "@stricli/core";
import { app } from "./app.js";
import { PROPOSE, propose } from "./completion/propose.js";
import { type Context, userDirectory } from "./context.js";
import { exitStatus } from "./exit-status.js";
import { withoutAliases } from "./flag-aliases.js";
import { endHungUp, interruptible, tolerateLostReaders } from "./interrupts.js";

tolerateLostReaders();

const context: Context = {
  process: { stdout: process.stdout, stderr: process.stderr, env: process.env },
  directory: userDirectory(process.cwd(), process.env),
  interactive: process.stderr.isTTY === true && process.stdout.isTTY === true,
  columns: process.stderr.columns ?? 80,
  interruptible,
};

const [first, ...words] = process.argv.slice(2);
if (first === PROPOSE) process.stdout.write(await propose(app, words, context));
else await run(app, withoutAliases(process.argv.slice(2)), context);
process.exitCode = exitStatus(context.process.exitCode);
endHungUp();
