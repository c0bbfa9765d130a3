/**
 * A weight as the blob file that a kernel is compiled with: header and metadata written once, the data converted from the
 * fp32 arena before each compilation, transposed where the kernel wants the transpose.
 */
import { toHalf, transpose, transposeToHalf } from "@ane/accel-ops";
import { readBlobFile, type WeightSlot, writeBlobFile } from "@ane/mil-builder";

export class WeightFile {
  readonly path: string;
  /** The complete file. */
  readonly bytes: Uint8Array;
  readonly #slot: WeightSlot;
  readonly #source: Float32Array;
  /** The elements in `bytes`. */
  readonly #data: Uint16Array | Float32Array;

  /** @param source The model's tensor, [out, in] or [D]: a view into the arena. */
  constructor(slot: WeightSlot, source: Float32Array, dtype: "fp16" | "fp32") {
    this.path = slot.path;
    this.bytes = writeBlobFile([{ dtype, data: anyElements(source, dtype) }]);
    this.#data = readBlobFile(this.bytes)[0]!.data as Uint16Array | Float32Array;
    this.#slot = slot;
    this.#source = source;
  }

  /** Takes over the present parameters. */
  refresh(): void {
    const [source, data] = [this.#source, this.#data];
    if (this.#slot.transposed) {
      const [columns, rows] = this.#slot.shape as [number, number];
      if (data instanceof Uint16Array) transposeToHalf(source, data, rows, columns);
      else transpose(source, data, rows, columns);
    } else if (data instanceof Uint16Array) toHalf(source, data);
    else data.set(source);
  }
}

/** As many elements as the source has, whatever their values: `refresh` writes the real ones before anything reads them. */
function anyElements(source: Float32Array, dtype: "fp16" | "fp32"): Uint16Array | Float32Array {
  return dtype === "fp32"
    ? source
    : new Uint16Array(source.buffer, source.byteOffset, source.length);
}
