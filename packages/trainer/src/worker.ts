/**
 * Entry point of the process that owns the device. It prepares one session, works on it when its turn comes, and ends: with
 * the run, when it has no compilations left, on an error, or when the supervisor is gone.
 */
import { recordOf } from "./errors.js";
import { Session, type SessionOptions, type SessionStart } from "./session.js";
import { inheritedStateMemory } from "./state-memory.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

const abort = new AbortController();
let prepared: Session | undefined;

process.on("message", (message: ToWorker) => {
  if (message.type === "prepare") endOnError(() => prepare(message.session));
  else if (message.type === "begin") endOnError(() => work(message.start));
  else abort.abort();
});
// Without a supervisor nobody would know of the work: the next one restores the last checkpoint.
process.on("disconnect", () => process.exit());
// Ctrl-C reaches the whole process group; the supervisor may be asked to stop by the same key.
process.on("SIGINT", () => abort.abort());
process.on("SIGTERM", () => abort.abort());

function prepare(options: SessionOptions): void {
  prepared = new Session(options, inheritedStateMemory());
}

async function work(start: SessionStart): Promise<void> {
  if (!prepared) return; // its error is on its way
  using session = prepared;
  session.open(start);
  tell({ type: "ready", run: session.describe() });
  const events = session.run(abort.signal);
  let announced = false;
  let next = await events.next();
  for (; !next.done; next = await events.next()) {
    tell({ type: "event", event: next.value });
    if (announced || !session.successorDue) continue;
    tell({ type: "successorDue" });
    announced = true;
  }
  if (next.value.reason === "budgetSpent") session.handOver();
  end({ type: "end", end: next.value });
}

async function endOnError(action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    end({ type: "error", error: recordOf(error) });
  }
}

function end(last: FromWorker): void {
  tell(last, () => process.exit());
}

/** Without a channel there is nobody to tell, and "disconnect" ends the process. */
function tell(message: FromWorker, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent);
}
