/** The whole lines of a growing events.jsonl as events, some at a time. A torn last line waits for its end. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { codeOf, RunRecordsError } from "./errors.js";
import { parseEvent, type RecordedEvent } from "./recorded-event.js";

const PIECE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export interface EventBatch {
  readonly events: readonly RecordedEvent[];
  /** Where in the file the events end, in bytes: reading can go on from here. */
  readonly offset: number;
  /** Bytes of the file when they were read. */
  readonly size: number;
}

export class EventReader implements Disposable {
  readonly #path: string;
  #file: number | undefined;
  #inode = 0;
  #offset: number;

  /** @param offset Where a line begins. */
  constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * What has come since the last call. Lets other work in between two batches.
   * @throws RunRecordsError with code ERR_RECORD_REPLACED if what was read is no longer there, ERR_RUN_FILES if it cannot be read.
   */
  async *read(): AsyncGenerator<EventBatch, void, void> {
    if (!this.#open()) return;
    try {
      for (let batch = this.#next(); batch; batch = this.#next()) {
        yield batch;
        await setImmediate();
      }
    } catch (error) {
      throw error instanceof RunRecordsError ? error : unreadable(this.#path, error);
    }
  }

  /** False while there is no file yet: a run writes it after its configuration. */
  #open(): boolean {
    try {
      const { ino } = statSync(this.#path);
      if (this.#file === undefined) {
        this.#file = openSync(this.#path, "r");
        this.#inode = ino;
      }
      if (ino !== this.#inode) throw replaced(this.#path, "another file");
      return true;
    } catch (error) {
      if (error instanceof RunRecordsError) throw error;
      if (codeOf(error) !== "ENOENT") throw unreadable(this.#path, error);
      if (this.#file !== undefined || this.#offset > 0) throw replaced(this.#path, "no file");
      return false;
    }
  }

  #next(): EventBatch | undefined {
    const file = this.#file!;
    const { size } = fstatSync(file);
    if (size < this.#offset) throw replaced(this.#path, `${size} bytes`, this.#offset);
    for (let length = PIECE_BYTES; ; length *= 2) {
      const piece = Buffer.allocUnsafe(Math.min(length, size - this.#offset));
      const count = readSync(file, piece, 0, piece.length, this.#offset);
      const end = piece.subarray(0, count).lastIndexOf(NEWLINE) + 1;
      if (end > 0) return this.#parse(piece.subarray(0, end), size);
      if (count < length) return undefined;
    }
  }

  #parse(lines: Buffer, size: number): EventBatch {
    const events: RecordedEvent[] = [];
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(NEWLINE, start);
      if (end > start)
        events.push(parseEvent(lines.toString("utf8", start, end), this.#offset + start));
      start = end + 1;
    }
    this.#offset += lines.length;
    return { events, offset: this.#offset, size };
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function replaced(path: string, actual: string, offset?: number): RunRecordsError {
  const rule =
    offset === undefined ? "stays the same file" : `keeps the ${offset} bytes that were read`;
  return new RunRecordsError(
    "ERR_RECORD_REPLACED",
    `${path}: a record only grows and ${rule}, got ${actual}. Read it again from its beginning.`,
  );
}

function unreadable(path: string, cause: unknown): RunRecordsError {
  return new RunRecordsError(
    "ERR_RUN_FILES",
    `${path}: the record must be a readable file, got ${(cause as Error).message}. Correct its rights.`,
    { cause },
  );
}
