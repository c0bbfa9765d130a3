/**
 * events.jsonl: one JSON event per line, whole lines only. A line that was torn when its process died is cut off by the next
 * process, and one that could not be written completely at once; nothing else is ever removed.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { TrainerError } from "./errors.js";
import type { TrainEvent } from "./events.js";
import { messageOf } from "./input-files.js";

const PIECE_BYTES = 64 << 10;
const NEWLINE = 0x0a;

export class EventLog implements Disposable {
  readonly #path: string;
  #file: number | undefined;
  /** Bytes of whole lines. */
  #length: number;
  #failure: TrainerError | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, "a+");
    this.#length = endOfLastLine(this.#file);
    ftruncateSync(this.#file, this.#length);
  }

  /** Why an event could not be written. It is missing, and all later ones: the log has no gaps. */
  get failure(): TrainerError | undefined {
    return this.#failure;
  }

  append(event: TrainEvent): void {
    if (this.#file === undefined || this.#failure) return;
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      for (let done = 0; done < line.length; ) done += writeSync(this.#file, line, done);
      this.#length += line.length;
    } catch (cause) {
      ftruncateSync(this.#file, this.#length);
      this.#failure = new TrainerError(
        "ERR_EVENT_LOG",
        `${this.#path}: every event must be written, got ${messageOf(cause)}. Correct the cause, such as a full disk, then resume the run.`,
        { cause },
      );
    }
  }

  dispose(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Bytes up to and including the last newline. */
function endOfLastLine(file: number): number {
  const piece = new Uint8Array(PIECE_BYTES);
  for (let end = fstatSync(file).size; end > 0; ) {
    const start = Math.max(0, end - PIECE_BYTES);
    const count = readSync(file, piece, 0, end - start, start);
    const newline = piece.subarray(0, count).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
