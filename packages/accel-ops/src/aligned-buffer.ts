/** Memory for arrays that the native code works on. */
import { constants } from "node:buffer";
import { checkInteger } from "./argument-error.js";
import { nativeBinding } from "./native.js";

/** Bytes of the largest buffer that native code can give to JavaScript: 4 GiB in Node.js 20, far more from 22 on. */
export const LARGEST_BUFFER = constants.MAX_LENGTH;

const native = nativeBinding<{ alignedBuffer(byteLength: number): ArrayBuffer }>();

/**
 * A zero-filled buffer that begins at a multiple of 64 bytes, so that no vector in it lies across two cache lines; one
 * of 2 MiB or more begins at a multiple of that and uses huge pages where the system offers them. Its memory is given
 * back some time after it has been collected, at a turn of the event loop.
 *
 * @throws ArgumentError if the length is not an integer up to LARGEST_BUFFER, and Error if there is no memory
 */
export function alignedBuffer(byteLength: number): ArrayBuffer {
  checkInteger(byteLength, "alignedBuffer.byteLength", 0, LARGEST_BUFFER);
  return native.alignedBuffer(byteLength);
}
