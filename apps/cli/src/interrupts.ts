/**
 * Turns everything that asks this process to end into one AbortSignal: Ctrl-C, SIGTERM, the end of its terminal (SIGHUP), a reader
 * of standard output that is gone. Work that can be saved is saved then.
 */
import { interruptedStatus } from "./exit-status.js";

/** One Ctrl-C is heard twice where a parent, such as a package manager, passes on what the terminal has sent to all already. */
const ECHO_MS = 500;

let interrupt: AbortController | undefined;

const TRAINING_NOTICE = "Finishing this micro-step and saving; once more to stop at once.";

/** From now on; see `Context.interruptible`. */
export function interruptible(notice = TRAINING_NOTICE): AbortSignal {
  if (interrupt) return interrupt.signal;
  interrupt = new AbortController();
  const { signal } = interrupt;
  let firstAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!signal.aborted) {
        firstAt = performance.now();
        if (notice !== "") process.stderr.write(`\n${notice}\n`);
        interrupt?.abort();
      } else if (name !== "SIGHUP" && performance.now() - firstAt > ECHO_MS) {
        process.exit(interruptedStatus);
      }
    });
  }
  return signal;
}

/** A reader that has seen enough (`ane sample | head`) is no error, and neither is a terminal that was closed. */
export function tolerateLostReaders(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    expectLostReader(error);
    if (interrupt) interrupt.abort();
    else process.exit(0);
  });
  process.stderr.on("error", expectLostReader);
}

/** @throws The error where it is another. */
function expectLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}
