/**
 * Everything that is known to be wrong with weight files found in the wild, by name. `accepted`: Apple's reader, which is only
 * given offsets, takes such files all the same, and so does lenient reading.
 */

export interface DefectKind {
  readonly explanation: string;
  readonly remedy: string;
  readonly accepted?: true;
}

const REWRITE = "Write it again with writeBlobFile.";

export const DEFECTS = {
  "no-file-header": {
    explanation:
      "the 64-byte file header (count, version 2) is missing; the file begins with metadata or with the elements themselves",
    remedy:
      "Put the header in front: writeBlobFile does. Offsets in the program then grow by 64, the first blob's is 64.",
  },
  "espresso-v1": {
    explanation:
      "version 1 is the Espresso blob of neural networks, another format; MIL reads version 2 only",
    remedy:
      "Take the elements out with the tool that wrote them and write them with writeBlobFile.",
  },
  "unknown-version": {
    explanation: "the header's version is neither 2 nor 1",
    remedy: REWRITE,
  },
  "size-marker": {
    explanation:
      "an element width (8 or 16) was written to byte 2 of the size field, which makes a size of 0x080000 or 0x100000, and " +
      "the data offset was left 0; Apple's reader finds the data out of bounds",
    remedy:
      "Write the byte size of the data at metadata + 8 and metadata + 64 at metadata + 16; the width follows from the dtype code.",
  },
  "wrong-dtype-tag": {
    explanation: "the dtype code does not name the dtype of the elements",
    remedy:
      "Write the code of the elements' dtype at metadata + 4: fp16 1, fp32 2, uint8 3, int8 4.",
  },
  "unknown-dtype": {
    explanation: "the dtype code is none of 1 to 17",
    remedy:
      "Write the code of the elements' dtype at metadata + 4: fp16 1, fp32 2, uint8 3, int8 4.",
  },
  "bad-sentinel": {
    explanation: "there is no metadata: it begins with 0xDEADBEEF (bytes EF BE AD DE)",
    remedy: "Give the offset of a blob's metadata, not of its data; the first blob's is 64.",
  },
  "count-too-small": {
    explanation:
      "the header counts fewer blobs than the file has; explicit offsets reach them, enumeration does not",
    remedy: "Write the number of blobs at byte 0, or read with mode lenient.",
    accepted: true,
  },
  "count-too-large": {
    explanation: "the header counts more blobs than the file has",
    remedy: "Write the number of blobs at byte 0; if the file was cut, get it again.",
  },
  unaligned: {
    explanation: "the metadata does not begin at a multiple of 64",
    remedy: `${REWRITE} Mode lenient reads such blobs.`,
    accepted: true,
  },
  "data-elsewhere": {
    explanation: "the data offset does not point right behind the metadata",
    remedy: `${REWRITE} Mode lenient reads such blobs.`,
    accepted: true,
  },
  "data-in-header": {
    explanation: "the data offset counts from the start of the file and lies behind the metadata",
    remedy: "Write metadata + 64 at metadata + 16.",
  },
  truncated: {
    explanation: "the file ends before the structure or data does",
    remedy: "Get the file again, or correct the size at metadata + 8.",
  },
  "partial-element": {
    explanation: "the size is not that of whole elements of the dtype",
    remedy: "Correct the size, the unused bits or the dtype code.",
  },
  "reserved-bytes": {
    explanation:
      "reserved bytes are not 0: writers before iOS 18 left there what they found, and Apple's reader ignores them",
    remedy: "Nothing is lost: read with mode lenient. Writing the file again clears them.",
    accepted: true,
  },
  "padding-bytes": {
    explanation: "bytes between blobs, or unused bits of a last byte, are not 0",
    remedy: "Nothing is lost: read with mode lenient. Writing the file again clears them.",
    accepted: true,
  },
  "trailing-bytes": {
    explanation: "bytes follow the last blob that are no blob",
    remedy: "Cut them off, or read with mode lenient.",
    accepted: true,
  },
} as const satisfies Readonly<Record<string, DefectKind>>;

/** Name of something wrong with a weight file. */
export type BlobDefectName = keyof typeof DEFECTS;
