/** The error for a defect of a weight file. */
import { FormatError } from "../errors.js";
import { type BlobDefectName, DEFECTS, type DefectKind } from "./defects.js";

/** Position and contents of the first thing that is wrong. */
export interface BrokenBlob {
  readonly at: number;
  readonly expected: string;
  readonly actual: string;
}

export function brokenBlob(
  name: BlobDefectName,
  { at, expected, actual }: BrokenBlob,
): FormatError {
  const { explanation, remedy }: DefectKind = DEFECTS[name];
  return new FormatError(
    "ERR_BLOB",
    `blob file at byte ${at}: expected ${expected}, got ${actual} (${name}: ${explanation}). ${remedy}`,
    { offset: at },
  );
}
