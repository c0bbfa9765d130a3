// Refuses a text in place of its token file: two letters make an id of 16 bits that a vocabulary of 32,000 has, so that a run
// would learn pairs of letters without a complaint.

import { FormatError } from "./errors.js";

/** How much of a file tells. */
export const START_BYTES = 4096;
/** Fewer may look like a text by chance: token ids have a byte below 9 in nearly every one of so many bytes. */
const SHORTEST_TELLING = 32;

/**
 * @param start The first bytes of the file, at most `START_BYTES`; @param isWhole There are no more.
 * @throws FormatError where they are UTF-8 text without control characters
 */
export function expectNoText(path: string, start: Uint8Array, isWhole: boolean): void {
  if (start.length < SHORTEST_TELLING || start.some(isControl)) return;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: !isWhole });
  } catch {
    return;
  }
  throw new FormatError(
    path,
    0,
    "a token file holds token ids, got text. Encode it first: `ane data tokenize`, or tokenizeFile.",
  );
}

/** But for tab, line feed, form feed and carriage return. */
function isControl(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && (byte < 0x09 || byte === 0x0b || byte > 0x0d));
}
