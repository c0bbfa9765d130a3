/** Processes of their own that use the built package; see children/steps.mjs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../children/steps.mjs", import.meta.url));

export interface StepLine {
  readonly step: string;
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
}

export interface Ended {
  readonly lines: readonly StepLine[];
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningChild {
  readonly process: ChildProcess;
  /** Ends its step "pause". */
  resume(): void;
  /** Resolves when the step has been done; rejects if the process ends before. */
  done(step: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export function startChild(
  steps: readonly string[],
  env: Record<string, string> = {},
): RunningChild {
  const child = spawn(process.execPath, [script, ...steps], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const lines = () =>
    stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as StepLine);
  const ended = once(child, "close").then(
    ([code, signal]): Ended => ({ lines: lines(), stderr, code, signal }),
  );
  return {
    process: child,
    ended,
    resume: () => child.stdin.end(),
    async done(step) {
      const isDone = () => stdout.includes(`{"step":"${step}"`);
      const early = ended.then(({ code, signal }) => {
        if (isDone()) return;
        throw new Error(
          `step "${step}" must be done, got an end with ${signal ?? code}:\n${stderr}`,
        );
      });
      while (!isDone()) await Promise.race([once(child.stdout, "data"), early]);
    },
  };
}

export function runChild(steps: readonly string[], env?: Record<string, string>): Promise<Ended> {
  return startChild(steps, env).ended;
}
