/**
 * A weight as the blob file that a kernel is compiled with: header and metadata written once, the data converted from the
 * fp32 arena before each compilation, transposed where the kernel wants the transpose.
 */
import { toHalf, transpose, transposeToHalf } from "@ane/accel-ops";
import { BLOB_PREFIX_BYTES, type WeightSlot, writeBlobPrefix } from "@ane/mil-builder";
import type { WeightMemory } from "./weight-memory.js";

export class WeightFile {
  readonly path: string;
  readonly #slot: WeightSlot;
  readonly #source: Float32Array;
  readonly #dtype: "fp16" | "fp32";
  readonly #room: () => Uint8Array;
  #file: { readonly bytes: Uint8Array; readonly data: Uint16Array | Float32Array } | undefined;

  /**
   * @param source The model's tensor, [out, in] or [D]: a view into the arena.
   * @param memory Where the file lies, of which no part is used before the first `refresh`.
   */
  constructor(
    slot: WeightSlot,
    source: Float32Array,
    dtype: "fp16" | "fp32",
    memory: WeightMemory,
  ) {
    this.path = slot.path;
    this.#slot = slot;
    this.#source = source;
    this.#dtype = dtype;
    this.#room = memory.reserve(BLOB_PREFIX_BYTES + source.length * (dtype === "fp16" ? 2 : 4));
  }

  /** Takes over the present parameters. @returns The complete file, the same memory each time. */
  refresh(): Uint8Array {
    this.#file ??= this.#newFile();
    const { bytes, data } = this.#file;
    const source = this.#source;
    if (this.#slot.transposed) {
      const [columns, rows] = this.#slot.shape as [number, number];
      if (data instanceof Uint16Array) transposeToHalf(source, data, rows, columns);
      else transpose(source, data, rows, columns);
    } else if (data instanceof Uint16Array) toHalf(source, data);
    else data.set(source);
    return bytes;
  }

  #newFile() {
    const bytes = this.#room();
    writeBlobPrefix(bytes, this.#dtype);
    const Elements = this.#dtype === "fp16" ? Uint16Array : Float32Array;
    const start = bytes.byteOffset + BLOB_PREFIX_BYTES;
    return { bytes, data: new Elements(bytes.buffer as ArrayBuffer, start, this.#source.length) };
  }
}
