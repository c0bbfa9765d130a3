/** Where the bytes of a file come from: memory, a mapped file, or anything that can be read piece by piece. */
import { FormatError } from "../errors.js";

/** A file of which any piece can be read. */
export interface ByteSource {
  readonly byteLength: number;
  /** Exactly `length` bytes from `offset`; never asked for bytes beyond `byteLength`. */
  read(offset: number, length: number): Uint8Array;
}

/** A whole file in memory (a mapped file is one as well), or a source that is read on demand. */
export type FileBytes = Uint8Array | ArrayBufferLike | ByteSource;

/** The file as a source; pieces of a file in memory are views of it. */
export function byteSource(file: FileBytes): ByteSource {
  if (!(file instanceof Uint8Array) && "read" in file) return new CheckedSource(file);
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  return {
    byteLength: bytes.byteLength,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** A source may be a file that someone cuts while it is read. */
class CheckedSource implements ByteSource {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get byteLength(): number {
    return this.#source.byteLength;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = this.#source.read(offset, length);
    if (bytes.byteLength !== length) {
      throw new FormatError(
        "ERR_BLOB",
        `blob file at byte ${offset}: a source gives all the bytes it is asked for, got ${bytes.byteLength} of ${length}. ` +
          "Check that the file is not being written.",
        { offset },
      );
    }
    return bytes;
  }
}
