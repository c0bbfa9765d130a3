/**
 * A surface in ordinary memory: rows of W elements of `[1, C, 1, W]`, each starting on a multiple of 64 bytes, as the engine
 * wants them.
 */
import { alignedBuffer } from "@ane/accel-ops";
import type { Port, Surface, SurfaceDType } from "../device.js";
import { DisposedError, ShapeError } from "../errors.js";
import { type Layout, stridedLayout } from "./layout.js";

const ROW_BYTES = 64;
const BYTES: Readonly<Record<SurfaceDType, number>> = { fp16: 2, fp32: 4 };

/** Elements from one row to the next for rows of `width` elements. */
function rowStrideOf(dtype: SurfaceDType, width: number): number {
  const rowElements = ROW_BYTES / BYTES[dtype];
  return Math.ceil(width / rowElements) * rowElements;
}

/** Where the elements of a port lie in its surface, and how many elements the surface has. */
export function surfaceLayout({ dtype, shape }: Pick<Port, "dtype" | "shape">): {
  layout: Layout;
  length: number;
} {
  const [n, c, h, w] = shape;
  const row = rowStrideOf(dtype, w);
  return { layout: stridedLayout(shape, [c * h * row, h * row, row, 1]), length: n * c * h * row };
}

export class CpuSurface implements Surface {
  readonly dtype: SurfaceDType;
  readonly shape: Surface["shape"];
  readonly rowStride: number;
  readonly byteLength: number;
  #elements: Uint16Array | Float32Array | undefined;

  /** Zero-initialized. */
  constructor({ dtype, shape }: Pick<Port, "dtype" | "shape">) {
    if (shape.length !== 4 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new ShapeError(
        "createSurface",
        "a shape [1, C, 1, W] of positive whole numbers",
        `[${shape.join(", ")}]`,
        "Use the port of the kernel that the surface is for",
      );
    }
    const { length } = surfaceLayout({ dtype, shape });
    this.dtype = dtype;
    this.shape = [...shape];
    this.rowStride = rowStrideOf(dtype, shape[3]);
    this.byteLength = length * BYTES[dtype];
    const bytes = alignedBuffer(this.byteLength);
    this.#elements = dtype === "fp16" ? new Uint16Array(bytes) : new Float32Array(bytes);
  }

  /** The memory itself, for the device that made it. */
  get elements(): Uint16Array | Float32Array {
    if (!this.#elements) throw new DisposedError(`surface [${this.shape.join(", ")}]`);
    return this.#elements;
  }

  get disposed(): boolean {
    return this.#elements === undefined;
  }

  read<T>(access: (elements: Uint16Array | Float32Array) => T): T {
    return access(this.elements);
  }

  write<T>(access: (elements: Uint16Array | Float32Array) => T): T {
    return access(this.elements);
  }

  /** The memory goes when its last view has gone: work that is still queued on it stays valid. */
  dispose(): void {
    this.#elements = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
