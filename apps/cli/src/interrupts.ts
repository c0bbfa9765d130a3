/**
 * Turns everything that asks this process to end into one AbortSignal: Ctrl-C, SIGTERM, the end of its terminal (SIGHUP), a reader
 * of standard output that is gone. Work that can be saved is saved then.
 */
import { fstatSync, readSync } from "node:fs";
import { isatty } from "node:tty";
import { interruptedStatus } from "./exit-status.js";

/** One Ctrl-C is heard twice where a parent, such as a package manager, passes on what the terminal has sent to all already. */
const ECHO_MS = 500;

/** Asked now: a terminal that is gone is none any more. */
const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));

/** Whether nohup (GNU) started this: it puts something unreadable in the terminal's place. Node forgets that SIGHUP was to be ignored. */
const outlivesTerminal = !hasTerminal && !isReadable(0);

let interrupt: AbortController | undefined;
let isHungUp = false;

const TRAINING_NOTICE = "Finishing this micro-step and saving; once more to stop at once.";

/** Asks devices alone, such as /dev/null, which answer at once and lose nothing. */
function isReadable(descriptor: number): boolean {
  try {
    // bigint: the numbers of an ordinary fstat of a pipe mislead Node 20's next realpath, and with it its next import.
    const isDevice = fstatSync(descriptor, { bigint: true }).isCharacterDevice();
    if (isDevice) readSync(descriptor, new Uint8Array(1));
    return true;
  } catch {
    return false;
  }
}

/** From now on; see `Context.interruptible`. */
export function interruptible(notice = TRAINING_NOTICE): AbortSignal {
  if (interrupt) return interrupt.signal;
  interrupt = new AbortController();
  const { signal } = interrupt;
  let firstAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (name === "SIGHUP") {
        if (outlivesTerminal) return;
        isHungUp = hasTerminal;
      }
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

/**
 * To be called when all is done. After the end of its terminal a process ends by that signal, as the shell expects; Node
 * would abort (and leave a core file) at resetting a terminal that is no more.
 */
export function endHungUp(): void {
  if (!isHungUp) return;
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}

/** A reader that has seen enough (`ane sample | head`) is no error, and neither is a terminal that was closed. */
export function tolerateLostReaders(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    expectLostReader(error);
    if (interrupt) return interrupt.abort();
    endHungUp();
    process.exit(0);
  });
  process.stderr.on("error", expectLostReader);
}

/** @throws The error where it is another. */
function expectLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  // May come before the signal.
  if (error.code === "EIO") isHungUp = hasTerminal;
}
