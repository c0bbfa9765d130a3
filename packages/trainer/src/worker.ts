/**
 * Entry point of the process that owns the device. It works on one session and ends: with the run, when it has no
 * compilations left, on an error, or when the supervisor is gone.
 */
import { recordOf } from "./errors.js";
import { Session, type SessionOptions } from "./session.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

const abort = new AbortController();

process.on("message", (message: ToWorker) => {
  if (message.type === "abort") abort.abort();
  else void work(message.session);
});
// Without a supervisor nobody would know of the work: the next one restores the last checkpoint.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the supervisor may be asked to stop by the same key.
process.on("SIGINT", () => abort.abort());
process.on("SIGTERM", () => abort.abort());

async function work(options: SessionOptions): Promise<void> {
  const last = await runSession(options);
  tell(last, () => process.exit());
}

/** @returns The last message, when everything is closed. */
async function runSession(options: SessionOptions): Promise<FromWorker> {
  try {
    using session = new Session(options);
    tell({ type: "ready", run: session.describe() });
    const events = session.run(abort.signal);
    let next = await events.next();
    for (; !next.done; next = await events.next()) tell({ type: "event", event: next.value });
    if (next.value.reason === "budgetSpent") session.handOver();
    return { type: "end", end: next.value };
  } catch (error) {
    return { type: "error", error: recordOf(error) };
  }
}

/** Without a channel there is nobody to tell, and "disconnect" ends the process. */
function tell(message: FromWorker, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent);
}
