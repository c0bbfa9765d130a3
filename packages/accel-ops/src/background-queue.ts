/** Matrix products that run while the caller does something else. */
import { checkInteger } from "./argument-error.js";
import { type GemmOptions, gemmSizes } from "./gemm-problem.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

type Handle = { readonly brand: unique symbol };

const native = nativeBinding<{
  createQueue(): Handle;
  queueGemm(queue: Handle, a: Real, b: Real, c: Real, sizes: Float64Array): void;
  queueWait(queue: Handle, pending: number): void;
  queuePending(queue: Handle): number;
}>();

/**
 * A serial queue: products run one after the other, in the order they were given, on threads of the pool that have
 * nothing else to do; other operations of this package go first. `wait` helps to finish them. With one thread
 * everything is done in `wait`.
 *
 * The arrays are kept alive; until `wait` returns they must not be changed (C: nor read), and mapped files among them
 * not be disposed.
 */
export class BackgroundQueue implements Disposable {
  readonly #handle = native.createQueue();

  /**
   * Adds C = alpha A B + beta C, the same maths as `gemm`, and returns at once.
   *
   * @throws ArgumentError as `gemm` does; the queue then stays as it was
   */
  gemm(options: GemmOptions): void {
    const sizes = gemmSizes(options, "BackgroundQueue.gemm");
    native.queueGemm(this.#handle, options.a.data, options.b.data, options.c.data, sizes);
  }

  /** Products that are not complete. */
  get pending(): number {
    return native.queuePending(this.#handle);
  }

  /**
   * Returns when at most `pending` products are not complete, computing meanwhile. What the others have read may be
   * changed then.
   *
   * @param pending Default 0: all are complete.
   * @throws ArgumentError
   * @throws Error of the product that failed, such as out of memory; those after it were dropped
   */
  wait(pending = 0): void {
    checkInteger(pending, "BackgroundQueue.wait.pending");
    native.queueWait(this.#handle, pending);
  }

  /** The same as `wait`. */
  [Symbol.dispose](): void {
    this.wait();
  }
}
