/** What must be right about a blob's metadata before its elements can be read. */
import { DTYPES } from "../dtype.js";
import type { DType } from "../program.js";
import type { BlobDefectName } from "./defects.js";
import { ALIGNMENT, dtypeOfCode, FIELD, type Metadata, SENTINEL } from "./metadata.js";

/** Something wrong with one blob's metadata, at byte `at` of the file. */
export interface MetadataDefect {
  readonly name: BlobDefectName;
  readonly at: number;
  readonly expected: string;
  readonly actual: string;
}

/** What makes the metadata at `offset` unreadable for everyone, in the order of its fields. */
export function findErrors(
  metadata: Metadata,
  offset: number,
  fileLength: number,
): MetadataDefect[] {
  const { sentinel, code, byteLength, dataOffset } = metadata;
  if (sentinel !== SENTINEL) {
    const actual = `0x${sentinel.toString(16)}`;
    return [{ name: "bad-sentinel", at: offset, expected: "0xdeadbeef", actual }];
  }
  const errors: MetadataDefect[] = [];
  const report = (name: BlobDefectName, field: number, expected: string, actual: string) => {
    errors.push({ name, at: offset + field, expected, actual });
  };
  const dtype = dtypeOfCode(code);
  const width = markedWidth(metadata);
  if (dtype === undefined) {
    report("unknown-dtype", FIELD.code, "a known dtype code", `${code}`);
  } else if (width !== undefined && DTYPES[dtype].bits !== width) {
    report("wrong-dtype-tag", FIELD.code, `the code of a dtype of ${width} bits`, dtype);
  }
  if (width !== undefined) {
    const actual = `size 0x${byteLength.toString(16)}, offset 0`;
    report("size-marker", FIELD.byteLength, "size and offset of the data", actual);
  } else if (dataOffset < ALIGNMENT) {
    report("data-in-header", FIELD.dataOffset, "data behind the header", `offset ${dataOffset}`);
  } else if (dataOffset + byteLength > fileLength) {
    const actual = `bytes ${dataOffset}..${dataOffset + byteLength} of ${fileLength}`;
    report("truncated", FIELD.byteLength, "data inside the file", actual);
  } else if (dtype !== undefined && !holdsElements(metadata, dtype)) {
    const actual = `${byteLength} bytes, ${metadata.unusedBits} bits unused`;
    report("partial-element", FIELD.byteLength, `whole elements of ${dtype}`, actual);
  }
  return errors;
}

/** What a correct writer would have written otherwise, though it can be read. */
export function findFlaws(metadata: Metadata, offset: number): MetadataDefect[] {
  const { code, byteLength, dataOffset, unusedBits, clean } = metadata;
  const flaws: MetadataDefect[] = [];
  const report = (name: BlobDefectName, field: number, expected: string, actual: string) => {
    flaws.push({ name, at: offset + field, expected, actual });
  };
  if (offset % ALIGNMENT !== 0) report("unaligned", 0, "a multiple of 64", `${offset}`);
  if (dataOffset !== offset + ALIGNMENT) {
    report("data-elsewhere", FIELD.dataOffset, `${offset + ALIGNMENT}`, `${dataOffset}`);
  }
  const dtype = dtypeOfCode(code);
  const bits = dtype === undefined ? 8 : DTYPES[dtype].bits;
  if (bits >= 8 && unusedBits !== 0) {
    report("reserved-bytes", FIELD.unusedBits, "0 unused bits", `${unusedBits}`);
  }
  if (bits < 8 && (byteLength * 8 - unusedBits) % bits !== 0) {
    const actual = `${byteLength} bytes, ${unusedBits} bits unused`;
    report("partial-element", FIELD.unusedBits, `whole elements of ${dtype}`, actual);
  }
  if (!clean) report("reserved-bytes", FIELD.reserved, "zeros", "something else");
  return flaws;
}

/** Number of elements; packed data without a count of its unused bits may hold a fraction of an element more. */
export function lengthOf({ byteLength, unusedBits }: Metadata, dtype: DType): number {
  const { bits } = DTYPES[dtype];
  return Math.floor((byteLength * 8 - (bits < 8 ? unusedBits : 0)) / bits);
}

function holdsElements({ byteLength, unusedBits }: Metadata, dtype: DType): boolean {
  const { bits } = DTYPES[dtype];
  return bits < 8 ? unusedBits < 8 && byteLength * 8 >= unusedBits : byteLength % (bits / 8) === 0;
}

/** The element width that was mistaken for a size: byte 2 of the size field, with the data offset left 0. */
export function markedWidth({ byteLength, dataOffset }: Metadata): 8 | 16 | undefined {
  if (dataOffset !== 0) return undefined;
  if (byteLength === 8 << 16) return 8;
  return byteLength === 16 << 16 ? 16 : undefined;
}
