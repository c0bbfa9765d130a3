/** events.jsonl: one JSON event per line. A line that was torn when its process died is cut off; nothing else is ever removed. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { TrainEvent } from "./events.js";

const PIECE_BYTES = 64 << 10;
const NEWLINE = 0x0a;

export class EventLog implements Disposable {
  #file: number | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "a+");
    ftruncateSync(this.#file, endOfLastLine(this.#file));
  }

  append(event: TrainEvent): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(event)}\n`);
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
