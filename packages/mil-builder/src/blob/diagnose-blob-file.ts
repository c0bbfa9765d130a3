/** What is wrong with a weight file: everything, by name, where the readers stop at the first thing. */
import { DTYPES } from "../dtype.js";
import type { BlobReference } from "../program.js";
import { byteSize, formatType } from "../tensor-type.js";
import { type ByteSource, byteSource, type FileBytes } from "./byte-source.js";
import { findErrors, findFlaws, lengthOf, markedWidth } from "./check-metadata.js";
import { type BlobDefectName, DEFECTS } from "./defects.js";
import {
  ALIGNMENT,
  align,
  decodeHeader,
  decodeMetadata,
  dtypeOfCode,
  FIELD,
  type Metadata,
  SENTINEL,
  VERSION,
  zero,
} from "./metadata.js";

/** One thing wrong with a weight file. */
export interface BlobDefect {
  readonly defect: BlobDefectName;
  /** Byte position and what is there: `byte 72: expected size and offset of the data, got size 0x80000, offset 0`. */
  readonly where: string;
  readonly explanation: string;
  readonly remedy: string;
}

/** What else is known of the file. */
export interface DiagnoseOptions {
  /** What a program expects where: the file's BLOBFILE constants. Shows tags that are wrong but consistent. */
  readonly references?: readonly Pick<BlobReference, "type" | "offset">[];
}

/** All defects of a weight file in the order of the file; none if it is as `writeBlobFile` writes. Does not throw. */
export function diagnoseBlobFile(
  file: FileBytes,
  { references = [] }: DiagnoseOptions = {},
): readonly BlobDefect[] {
  const diagnosis = new Diagnosis(byteSource(file));
  diagnosis.run(references);
  return diagnosis.defects();
}

/** Defects after which only a search finds the next blob. */
const LOST_END: ReadonlySet<BlobDefectName> = new Set([
  "truncated",
  "data-in-header",
  "size-marker",
]);

interface Chunk {
  readonly offset: number;
  readonly metadata: Metadata;
}

class Diagnosis {
  readonly #found: (BlobDefect & { readonly at: number })[] = [];
  readonly #source: ByteSource;
  readonly #chunks: Chunk[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  defects(): readonly BlobDefect[] {
    const ordered = this.#found.toSorted((a, b) => a.at - b.at);
    return ordered.map(({ at: _, ...defect }) => defect);
  }

  run(references: readonly Pick<BlobReference, "type" | "offset">[]): void {
    const { byteLength } = this.#source;
    if (byteLength < ALIGNMENT) {
      this.#report("truncated", 0, "a 64-byte header", `${byteLength} bytes`);
      return;
    }
    const { count, version, clean } = decodeHeader(this.#source.read(0, ALIGNMENT));
    if (count === SENTINEL) {
      this.#report("no-file-header", 0, "a count of blobs", "0xdeadbeef");
      this.#walk(0);
      return;
    }
    if (version !== VERSION && !this.#checkVersion(version)) return;
    if (!clean) this.#report("reserved-bytes", 8, "zeros", "something else");
    this.#walk(ALIGNMENT);
    const found = this.#chunks.length;
    if (count !== found) {
      const defect = count < found ? "count-too-small" : "count-too-large";
      this.#report(defect, 0, `a count of ${found}`, `${count}`);
    }
    for (const reference of references) this.#checkReference(reference);
  }

  /** @returns whether the rest is worth looking at */
  #checkVersion(version: number): boolean {
    if (version === 1) {
      this.#report("espresso-v1", 4, `version ${VERSION}`, "1");
      return false;
    }
    const hasBlob = this.#hasSentinel(ALIGNMENT);
    const defect = hasBlob ? "unknown-version" : "no-file-header";
    this.#report(defect, 4, `version ${VERSION}`, `${version}`);
    return hasBlob;
  }

  #walk(start: number): void {
    const { byteLength } = this.#source;
    let end = start;
    while (end < byteLength) {
      const offset = this.#nextMetadata(end);
      const gapEnd = Math.min(offset ?? byteLength, align(end));
      if (!zero(this.#source.read(end, gapEnd - end))) {
        this.#report("padding-bytes", end, "zeros", "something else");
      }
      if (offset === undefined) {
        const defect = this.#chunks.length === 0 ? "bad-sentinel" : "trailing-bytes";
        const expected = this.#chunks.length === 0 ? "metadata" : "the end of the file";
        this.#report(defect, end, expected, `${byteLength - end} more bytes`);
        return;
      }
      if (offset > align(end)) {
        this.#report("trailing-bytes", end, "the next blob", `${offset - end} other bytes`);
      }
      end = this.#checkChunk(offset);
    }
  }

  /** @returns where the blob ends */
  #checkChunk(offset: number): number {
    const { byteLength: fileLength } = this.#source;
    const metadata = decodeMetadata(this.#source.read(offset, ALIGNMENT));
    this.#chunks.push({ offset, metadata });
    const errors = findErrors(metadata, offset, fileLength);
    const known = errors.map(({ name }) => name);
    const flaws = findFlaws(metadata, offset).filter(({ name }) => {
      if (name === "partial-element") return !known.includes("partial-element");
      return name !== "data-elsewhere" || !known.some((error) => LOST_END.has(error));
    });
    for (const { name, at, expected, actual } of [...errors, ...flaws]) {
      this.#report(name, at, expected, actual);
    }
    const lost = known.some((name) => LOST_END.has(name));
    if (lost) return this.#scan(offset + ALIGNMENT) ?? fileLength;
    const end = Math.max(offset + ALIGNMENT, metadata.dataOffset + metadata.byteLength);
    this.#checkUnusedBits(metadata, end);
    return end;
  }

  #checkUnusedBits({ code, byteLength, unusedBits }: Metadata, end: number): void {
    const dtype = dtypeOfCode(code);
    if (dtype === undefined || DTYPES[dtype].bits >= 8 || byteLength === 0) return;
    const last = this.#source.read(end - 1, 1)[0]!;
    if (unusedBits < 8 && last >> (8 - unusedBits) !== 0) {
      this.#report(
        "padding-bytes",
        end - 1,
        `${unusedBits} unused bits of 0`,
        `0x${last.toString(16)}`,
      );
    }
  }

  #checkReference({ type, offset }: Pick<BlobReference, "type" | "offset">): void {
    const chunk = this.#chunks.find((candidate) => candidate.offset === offset);
    if (chunk === undefined) {
      this.#report("bad-sentinel", offset, `metadata of ${formatType(type)}`, "none");
      return;
    }
    const { metadata } = chunk;
    const dtype = dtypeOfCode(metadata.code);
    if (dtype === undefined || markedWidth(metadata) !== undefined) return;
    if (dtype !== type.dtype) {
      this.#report("wrong-dtype-tag", offset + FIELD.code, type.dtype, dtype);
    } else if (metadata.byteLength !== byteSize(type)) {
      const actual = `${lengthOf(metadata, dtype)} elements`;
      this.#report("partial-element", offset + FIELD.byteLength, formatType(type), actual);
    }
  }

  /** Metadata at the next multiple of 64, right at `from`, or anywhere behind. */
  #nextMetadata(from: number): number | undefined {
    const aligned = align(from);
    if (this.#hasSentinel(aligned)) return aligned;
    return this.#hasSentinel(from) ? from : this.#scan(from);
  }

  #hasSentinel(offset: number): boolean {
    if (offset + ALIGNMENT > this.#source.byteLength) return false;
    return decodeMetadata(this.#source.read(offset, ALIGNMENT)).sentinel === SENTINEL;
  }

  /** The first metadata from `from` on, by its sentinel and a known dtype code. */
  #scan(from: number): number | undefined {
    const { byteLength } = this.#source;
    const PIECE = 1 << 20;
    for (let start = from; start + ALIGNMENT <= byteLength; start += PIECE) {
      // Pieces overlap, so that metadata across their border is whole in one of them.
      const bytes = this.#source.read(start, Math.min(PIECE + ALIGNMENT - 1, byteLength - start));
      for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1)) {
        if (at + ALIGNMENT > bytes.byteLength) break;
        const { sentinel, code } = decodeMetadata(bytes.subarray(at, at + ALIGNMENT));
        if (sentinel === SENTINEL && dtypeOfCode(code) !== undefined) return start + at;
      }
    }
    return undefined;
  }

  #report(defect: BlobDefectName, at: number, expected: string, actual: string): void {
    const { explanation, remedy } = DEFECTS[defect];
    const where = `byte ${at}: expected ${expected}, got ${actual}`;
    this.#found.push({ at, defect, where, explanation, remedy });
  }
}
