/** An open file of known length, read in pieces at given places. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { FormatError } from "./errors.js";

/** One read call: bounds what the system is asked for at once. */
const CHUNK_BYTES = 64 * 1024 * 1024;

export class PositionedFile implements Disposable {
  readonly path: string;
  /** Bytes of the file when it was opened. */
  readonly length: number;
  readonly #file: number;

  /** @throws The system's error if the file cannot be opened. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "r");
    this.length = fstatSync(this.#file).size;
  }

  /** Fills `target` from byte `position`. @throws FormatError if the file ends before. */
  read(target: Uint8Array, position: number): void {
    for (let done = 0; done < target.length; ) {
      const wanted = Math.min(CHUNK_BYTES, target.length - done);
      const count = readSync(this.#file, target, done, wanted, position + done);
      if (count === 0) {
        throw new FormatError(
          this.path,
          `${this.path}: the file must have ${target.length} bytes from byte ${position}, got ${done}. It was shortened while being read, or its header is wrong.`,
        );
      }
      done += count;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
