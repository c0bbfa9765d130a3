/**
 * Reading weight files. Only headers are read until a blob's elements are asked for. `strict` takes what `writeBlobFile` writes
 * and names what differs; `lenient` takes what Apple's reader does: blobs by explicit offset wherever they are, reserved
 * fields ignored. Source: coremltools mlmodel/src/MILBlob/Blob/StorageReader.cpp.
 */
import { ArgumentError } from "../errors.js";
import type { DType } from "../program.js";
import { arrayKind, type Blob, type BlobData } from "./blob.js";
import { brokenBlob } from "./broken-blob.js";
import { type ByteSource, byteSource, type FileBytes } from "./byte-source.js";
import { findErrors, findFlaws, lengthOf } from "./check-metadata.js";
import {
  ALIGNMENT,
  align,
  decodeHeader,
  decodeMetadata,
  dtypeOfCode,
  SENTINEL,
  VERSION,
  zero,
} from "./metadata.js";

/** How a weight file is read. */
export interface ReadBlobOptions {
  /** Default "strict". */
  readonly mode?: "strict" | "lenient";
}

/** An open weight file. */
export interface BlobFile {
  /** Number of blobs that the header states. */
  readonly count: number;
  /** All blobs in order; lenient: also those that the header does not count. @throws FormatError (ERR_BLOB) */
  blobs(): readonly Blob[];
  /** The blob whose metadata is at byte `offset`; others are not looked at. @throws FormatError (ERR_BLOB) */
  blobAt(offset: number): Blob;
}

/**
 * Opens a weight file in memory, mapped, or given as `{ byteLength, read(offset, length) }`, without reading its elements.
 * @throws FormatError (ERR_BLOB) if the header is not one of version 2.
 */
export function openBlobFile(file: FileBytes, options: ReadBlobOptions = {}): BlobFile {
  const { mode = "strict" } = options;
  if (mode !== "strict" && mode !== "lenient") {
    throw new ArgumentError(`openBlobFile: mode is "strict" or "lenient", got "${mode}". Choose.`);
  }
  return new OpenFile(byteSource(file), mode === "strict");
}

/** All blobs of a file; their elements are read when asked for. @throws FormatError (ERR_BLOB) */
export function readBlobFile(file: FileBytes, options?: ReadBlobOptions): readonly Blob[] {
  return openBlobFile(file, options).blobs();
}

/** The blob whose metadata is at byte `offset`; others are not looked at. @throws FormatError (ERR_BLOB) */
export function readBlob(file: FileBytes, offset: number, options?: ReadBlobOptions): Blob {
  return openBlobFile(file, options).blobAt(offset);
}

class OpenFile implements BlobFile {
  readonly count: number;
  readonly #source: ByteSource;
  readonly #strict: boolean;

  constructor(source: ByteSource, strict: boolean) {
    this.#source = source;
    this.#strict = strict;
    this.count = this.#readHeader();
  }

  blobs(): readonly Blob[] {
    const blobs: Blob[] = [];
    let end = ALIGNMENT;
    for (;;) {
      const offset = this.#nextMetadata(end);
      const counted = blobs.length < this.count;
      if (!counted && (this.#strict || !this.#hasSentinel(offset))) break;
      if (offset >= this.#source.byteLength) {
        const expected = `${this.count} blobs`;
        throw brokenBlob("count-too-large", { at: 0, expected, actual: `${blobs.length}` });
      }
      if (this.#strict) this.#checkGap(end, offset);
      const blob = this.blobAt(offset);
      blobs.push(blob);
      end = Math.max(end, offset + ALIGNMENT, blob.dataOffset + blob.byteLength);
    }
    if (this.#strict) this.#checkEnd(end);
    return blobs;
  }

  blobAt(offset: number): Blob {
    const { byteLength } = this.#source;
    if (!Number.isSafeInteger(offset) || offset < ALIGNMENT) {
      const expected = "metadata behind the header";
      throw brokenBlob("bad-sentinel", { at: offset, expected, actual: `offset ${offset}` });
    }
    if (offset + ALIGNMENT > byteLength) {
      const expected = "64 bytes of metadata";
      throw brokenBlob("truncated", { at: offset, expected, actual: `${byteLength} bytes in all` });
    }
    const metadata = decodeMetadata(this.#source.read(offset, ALIGNMENT));
    const [defect] = [
      ...findErrors(metadata, offset, byteLength),
      ...(this.#strict ? findFlaws(metadata, offset) : []),
    ];
    if (defect !== undefined) throw brokenBlob(defect.name, defect);
    const dtype = dtypeOfCode(metadata.code)!;
    const length = lengthOf(metadata, dtype);
    return new StoredBlob(this.#source, { dtype, offset, length, ...metadata });
  }

  #readHeader(): number {
    const { byteLength } = this.#source;
    if (byteLength < ALIGNMENT) {
      const expected = "a 64-byte header";
      throw brokenBlob("truncated", { at: 0, expected, actual: `${byteLength} bytes` });
    }
    const { count, version, clean } = decodeHeader(this.#source.read(0, ALIGNMENT));
    if (count === SENTINEL) {
      throw brokenBlob("no-file-header", { at: 0, expected: "a count", actual: "0xdeadbeef" });
    }
    if (version !== VERSION) {
      const defect = version === 1 ? "espresso-v1" : "unknown-version";
      throw brokenBlob(defect, { at: 4, expected: `version ${VERSION}`, actual: `${version}` });
    }
    if (this.#strict && !clean) {
      throw brokenBlob("reserved-bytes", { at: 8, expected: "zeros", actual: "something else" });
    }
    return count;
  }

  /** Where metadata follows data that ends at `end`: at the next multiple of 64; lenient: or right behind. */
  #nextMetadata(end: number): number {
    const aligned = align(end);
    if (this.#strict || this.#hasSentinel(aligned)) return aligned;
    return this.#hasSentinel(end) ? end : aligned;
  }

  #hasSentinel(offset: number): boolean {
    if (offset + ALIGNMENT > this.#source.byteLength) return false;
    return decodeMetadata(this.#source.read(offset, ALIGNMENT)).sentinel === SENTINEL;
  }

  #checkGap(from: number, to: number): void {
    if (!zero(this.#source.read(from, to - from))) {
      const expected = "zeros up to the next blob";
      throw brokenBlob("padding-bytes", { at: from, expected, actual: "something else" });
    }
  }

  #checkEnd(end: number): void {
    if (end === this.#source.byteLength) return;
    const more = this.#hasSentinel(align(end)) || this.#hasSentinel(end);
    const defect = more ? "count-too-small" : "trailing-bytes";
    const expected = `nothing behind ${this.count} blobs`;
    throw brokenBlob(defect, { at: end, expected, actual: more ? "a blob" : "more bytes" });
  }
}

class StoredBlob implements Blob {
  readonly dtype: DType;
  readonly offset: number;
  readonly length: number;
  readonly dataOffset: number;
  readonly byteLength: number;
  readonly #source: ByteSource;

  constructor(source: ByteSource, facts: Omit<Blob, "data">) {
    this.#source = source;
    this.dtype = facts.dtype;
    this.offset = facts.offset;
    this.length = facts.length;
    this.dataOffset = facts.dataOffset;
    this.byteLength = facts.byteLength;
  }

  get data(): BlobData {
    const bytes = this.#source.read(this.dataOffset, this.byteLength);
    const kind = arrayKind(this.dtype);
    const isAligned = bytes.byteOffset % kind.BYTES_PER_ELEMENT === 0;
    const aligned = isAligned ? bytes : new Uint8Array(bytes);
    return new kind(
      aligned.buffer as ArrayBuffer,
      aligned.byteOffset,
      aligned.byteLength / kind.BYTES_PER_ELEMENT,
    );
  }
}
