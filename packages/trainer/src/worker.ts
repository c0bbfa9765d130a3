/**
 * Entry point of the process that owns the device. It prepares one session, works on it when its turn comes, and ends: with
 * the run, when it has no compilations left, on an error, or when the supervisor is gone.
 */
import { SupervisedPeers } from "./distributed/peers.js";
import { recordOf } from "./errors.js";
import { openModel } from "./open-model.js";
import { ownUsage } from "./process-usage.js";
import { Session, type SessionOptions, type SessionStart } from "./session.js";
import { inheritedStateMemory } from "./state-memory.js";
import { SYSTEM_INTERVAL_MS } from "./system-meter.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

const abort = new AbortController();
let prepared: Session | undefined;
/** Resolves when the session is prepared, or its error on its way. */
let preparation: Promise<void> | undefined;
let peers: SupervisedPeers | undefined;
let isRescuing = false;

process.on("message", (message: ToWorker) => {
  if (message.type === "prepare") preparation = endOnError(() => prepare(message.session));
  else if (message.type === "begin") endOnError(() => work(message.start));
  else if (message.type === "collective") peers?.answer(message.answer);
  else if (message.type === "request") preparation?.then(() => prepared?.request(message.request));
  else if (message.type === "rescue") endOnError(() => rescue(true));
  else abort.abort();
});
// Without a supervisor nobody would know of the work: the next one restores the last checkpoint. Where there are other ranks, they
// have work to lose, too.
process.on("disconnect", () => {
  if (peers) endOnError(() => rescue(false));
  else process.exit();
});
// Ctrl-C reaches the whole process group; the supervisor may be asked to stop by the same signal.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => abort.abort());
// So does the end of a terminal, which need not be the end of the run (nohup): the supervisor decides.
process.on("SIGHUP", () => {});

// Does not keep this process alive: its supervisor may have ended before it could be told so.
setInterval(() => tell({ type: "usage", usage: ownUsage() }), SYSTEM_INTERVAL_MS).unref();

async function prepare(options: SessionOptions): Promise<void> {
  const { place } = options;
  if (place) peers = new SupervisedPeers(place, (request) => tell({ type: "collective", request }));
  const model = await openModel(options.config);
  prepared = new Session(options, inheritedStateMemory(), model, peers);
}

async function work(start: SessionStart): Promise<void> {
  await preparation;
  if (!prepared) return; // its error is on its way
  using session = prepared;
  await session.open(start);
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

/** Once: the supervisor may ask for it, and be ended by the launcher meanwhile. */
async function rescue(isSupervised: boolean): Promise<void> {
  if (isRescuing) return;
  isRescuing = true;
  await preparation;
  const saved = await prepared?.rescue(isSupervised);
  if (saved) end({ type: "event", event: saved });
  else process.exit();
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
