/**
 * A surface of the engine: an IOSurface. Its memory is at one address from creation to `dispose`, so what was queued on a view of it
 * (such as a weight gradient) may still read it after the callback has returned, as long as the surface is not disposed and nothing
 * writes to it meanwhile.
 */
import type { Port, Surface, SurfaceDType } from "../device.js";
import { DisposedError, ShapeError } from "../errors.js";
import { evaluationError } from "./evaluation-error.js";
import { isNativeFailure } from "./framework-error.js";
import type { NativeAddon, NativeSurface } from "./native.js";
import { alignedRowStride, elementBytes } from "./row-stride.js";

export class AneSurface implements Surface {
  readonly dtype: SurfaceDType;
  readonly shape: Surface["shape"];
  readonly rowStride: number;
  readonly byteLength: number;
  readonly #onDispose: (surface: AneSurface) => void;
  #native: NativeSurface | undefined;
  #elements: Uint16Array | Float32Array | undefined;
  #accesses = 0;

  /** Zero-initialized. @throws ShapeError, EvaluationError if the system has no memory for it */
  constructor(
    addon: NativeAddon,
    { dtype, shape, rowStride, byteLength = 0 }: Omit<Port, "name">,
    onDispose: (surface: AneSurface) => void,
  ) {
    if (shape.length !== 4 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new ShapeError(
        "createSurface",
        "a shape [1, C, 1, W] of positive whole numbers",
        `[${shape.join(", ")}]`,
        "Use the port of the kernel that the surface is for",
      );
    }
    const [n, c, h, w] = shape;
    this.dtype = dtype;
    this.shape = [n, c, h, w];
    this.rowStride = rowStride ?? alignedRowStride(dtype, w);
    this.byteLength = Math.max(byteLength, n * c * h * this.rowStride * elementBytes(dtype));
    this.#onDispose = onDispose;
    this.#native = translated(this.#name, () => new addon.Surface(this.byteLength));
    const { buffer } = this.#native;
    this.#elements = dtype === "fp16" ? new Uint16Array(buffer) : new Float32Array(buffer);
  }

  /** The addon's surface, for the device that made it. @throws DisposedError */
  get native(): NativeSurface {
    if (!this.#native) throw new DisposedError(this.#name);
    return this.#native;
  }

  get disposed(): boolean {
    return this.#native === undefined;
  }

  /** Whether a callback of `read` or `write` is running. */
  get accessed(): boolean {
    return this.#accesses > 0;
  }

  read<T>(access: (elements: Uint16Array | Float32Array) => T): T {
    return this.#locked(false, access);
  }

  write<T>(access: (elements: Uint16Array | Float32Array) => T): T {
    return this.#locked(true, access);
  }

  storeRows(source: Float32Array, first: number, rows: number, columns: number): void {
    const half = this.dtype === "fp16";
    translated(this.#name, () =>
      this.native.store(source, first, rows, columns, this.rowStride, half),
    );
  }

  loadRows(target: Float32Array, first: number, rows: number, columns: number): void {
    const half = this.dtype === "fp16";
    translated(this.#name, () =>
      this.native.load(target, first, rows, columns, this.rowStride, half),
    );
  }

  /**
   * Detaches every view of the memory and frees it: after the callback, if one is running. An evaluation that is running keeps the
   * memory until it is done.
   */
  dispose(): void {
    const native = this.#native;
    if (!native) return;
    this.#native = undefined;
    this.#elements = undefined;
    this.#onDispose(this);
    if (!this.accessed) native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #name(): string {
    return `surface [${this.shape.join(", ")}]`;
  }

  #locked<T>(writable: boolean, access: (elements: Uint16Array | Float32Array) => T): T {
    const { native } = this;
    translated(this.#name, () => native.lock(writable));
    this.#accesses++;
    try {
      return access(this.#elements!);
    } finally {
      this.#accesses--;
      translated(this.#name, () => native.unlock(writable));
      if (this.disposed && !this.accessed) native.dispose();
    }
  }
}

function translated<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw isNativeFailure(error) ? evaluationError(name, error) : error;
  }
}
