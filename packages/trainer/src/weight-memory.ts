/**
 * One piece of memory for all weight files of a pipeline: large, so that it can lie on huge pages, and only there once the first
 * file is written, since a process may be waiting for its turn.
 */
import { alignedBuffer } from "@ane/accel-ops";

const ALIGNMENT = 64;

export class WeightMemory {
  #byteLength = 0;
  #buffer: ArrayBuffer | undefined;

  /** Sets room aside. @returns Its bytes, zeros at first; no more room can be had after the first call. */
  reserve(byteLength: number): () => Uint8Array {
    const offset = this.#byteLength;
    this.#byteLength += Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
    return () => {
      this.#buffer ??= alignedBuffer(this.#byteLength);
      return new Uint8Array(this.#buffer, offset, byteLength);
    };
  }
}
