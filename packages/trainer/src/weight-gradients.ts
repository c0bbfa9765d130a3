/**
 * Weight gradients, computed beside the device's work: dW[out, in] += dY[out, S] · X[in, S]ᵀ, one after the other on a
 * background queue, reading fp16 where the kernels left it and adding in fp32. What a queued product reads must stay as it
 * is until `wait()` has returned.
 */
import { BackgroundQueue } from "@ane/accel-ops";
import { slotMatrix } from "@ane/ane-runtime";
import type { Tap } from "./kernel-stage.js";

export class WeightGradients implements Disposable {
  readonly #queue = new BackgroundQueue();

  /**
   * Queues dW += dY · Xᵀ.
   * @param dW [out, in], a view into the gradients
   * @param dY [out, S]
   * @param x [in, S]
   */
  add(dW: Float32Array, dY: Tap, x: Tap): void {
    const [out, length, S] = [dY.slot.size, x.slot.size, dY.slot.shape[3]];
    dY.surface.read((gradients) =>
      x.surface.read((values) => {
        const transposed = slotMatrix(values, x.surface, x.slot);
        this.#queue.gemm({
          m: out,
          n: length,
          k: S,
          a: slotMatrix(gradients, dY.surface, dY.slot),
          b: {
            ...transposed,
            rowStride: transposed.columnStride,
            columnStride: transposed.rowStride,
          },
          c: { data: dW, rowStride: length, columnStride: 1 },
          beta: 1,
        });
      }),
    );
  }

  /** Queues the classifier's: dE[V, D] += dlogits[S, V]ᵀ · X[D, S]ᵀ, all fp32. */
  addClassifier(
    dE: Float32Array,
    dlogits: Float32Array,
    x: Float32Array,
    { D, S, V }: { D: number; S: number; V: number },
  ): void {
    this.#queue.gemm({
      m: V,
      n: D,
      k: S,
      a: { data: dlogits, rowStride: 1, columnStride: V },
      b: { data: x, rowStride: 1, columnStride: S },
      c: { data: dE, rowStride: D, columnStride: 1 },
      beta: 1,
    });
  }

  /** Returns when all queued products are done. @throws What one of them threw. */
  wait(): void {
    this.#queue.wait();
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }
}
