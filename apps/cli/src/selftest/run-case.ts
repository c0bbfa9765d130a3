/** Runs one case in a process of its own, and says so if that process crashes or hangs. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CaseMessage, CaseRequest } from "./messages.js";

const fromSource = import.meta.url.endsWith(".ts");
const child = fileURLToPath(
  new URL(fromSource ? "../../dist/selftest-child.js" : "./selftest-child.js", import.meta.url),
);

/** How a process ended that gave no answer. */
export interface LostCase {
  readonly type: "lost";
  readonly answer: "crashed" | "hung";
  readonly details: string;
}

/** Lines of standard error that are kept for the report. */
const LAST_LINES = 3;

export type CaseEnd = Exclude<CaseMessage, { type: "progress" }> | LostCase;

/** @param timeoutMs the process is killed when it takes longer */
export function runCase(request: CaseRequest, timeoutMs: number): Promise<CaseEnd> {
  return new Promise((resolve, reject) => {
    const running = fork(child, [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let [end, where, said, late]: [CaseEnd | undefined, string, string, boolean] = [
      undefined,
      "",
      "",
      false,
    ];
    const timer = setTimeout(() => {
      late = true;
      running.kill("SIGKILL");
    }, timeoutMs);
    running.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    running.on("message", (message: CaseMessage) => {
      if (message.type === "progress") where = ` ${message.where}`;
      else end = message;
    });
    running.on("error", reject);
    running.on("close", (code, signal) => {
      clearTimeout(timer);
      const lines = said.trimEnd().split("\n");
      // Node writes a stack, and its version at the end, below what was wrong.
      const error = lines.findLast((line) => /^\w*Error\b/.test(line));
      const words = error ?? lines.slice(-LAST_LINES).join(" | ");
      const how = late
        ? `no answer within ${timeoutMs / 1000} s`
        : `ended by ${signal ?? `status ${code}`}`;
      resolve(
        end ?? {
          type: "lost",
          answer: late ? "hung" : "crashed",
          details: `${how}${where}${words && `: ${words}`}`,
        },
      );
    });
    running.send(request);
  });
}
