/**
 * Weight gradients, computed beside the device's work: dW[out, in] += dY[out, S] · X[in, S]ᵀ, one after the other on a
 * background queue, reading fp16 where the kernels left it and adding in fp32. What a queued product reads must stay as it
 * is until `wait()` or `waitFor()` has returned. The first micro-step of an update overwrites the gradients of the last one instead of
 * adding to zeros, which saves a pass over all of them; so every dW is to be added once per micro-step.
 * D = dim, S = sequence, C = classes.
 */
import { BackgroundQueue, embeddingScatterAdd, type GemmOptions } from "@ane/accel-ops";
import { slotMatrix } from "@ane/ane-runtime";
import type { Tap } from "./kernel-stage.js";
import type { StepCounters } from "./step-counters.js";

/** Rows of a table whose gradients are computed together, apart from the table. */
interface CompactRows {
  readonly dTable: Float32Array;
  /** [C], each once. */
  readonly ids: Uint32Array;
  /** [C, D] */
  readonly dRows: Float32Array;
}

/** Of the factors of a product; sums are fp32. */
export type Precision = "fp32" | "bf16";

export interface WeightGradientsOptions {
  /** Gradients to which something is added that is no product: they begin each update as zeros. */
  readonly addedInPlace: readonly Float32Array[];
  readonly counters: StepCounters;
  readonly precision: Precision;
}

export class WeightGradients implements Disposable {
  readonly #addedInPlace: readonly Float32Array[];
  readonly #counters: StepCounters;
  readonly #precision: Precision;
  readonly #queue = new BackgroundQueue();
  #accumulates = true;
  #queued = 0;
  #compact: CompactRows | undefined;

  constructor({ addedInPlace, counters, precision }: WeightGradientsOptions) {
    this.#addedInPlace = addedInPlace;
    this.#counters = counters;
    this.#precision = precision;
  }

  /** Begins a micro-step. @param accumulate False in the first one of an update. */
  begin(accumulate: boolean): void {
    this.#accumulates = accumulate;
    this.#queued = 0;
    if (accumulate) return;
    for (const gradient of this.#addedInPlace) gradient.fill(0);
  }

  /** False in the first micro-step of an update. */
  get accumulates(): boolean {
    return this.#accumulates;
  }

  /**
   * Queues dW += dY · Xᵀ.
   * @param dW [out, in], a view into the gradients
   * @param dY [out, S]
   * @param x [in, S]
   * @param accumulate False: dW = dY · Xᵀ. Default: false in the first micro-step of an update.
   */
  add(dW: Float32Array, dY: Tap, x: Tap, accumulate = this.#accumulates): void {
    const [out, length, S] = [dY.slot.size, x.slot.size, dY.slot.shape[3]];
    dY.surface.read((gradients) =>
      x.surface.read((values) => {
        const transposed = slotMatrix(values, x.surface, x.slot);
        this.#counters.readInPlace((out + length) * S * values.BYTES_PER_ELEMENT);
        this.#product({
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
          beta: accumulate ? 1 : 0,
        });
      }),
    );
  }

  /** Queues the classifier's dE[C, D] += dlogits[S, C]ᵀ · X[D, S]ᵀ, all fp32. */
  addClassifier(dE: Float32Array, dlogits: Float32Array, x: Float32Array, S: number): void {
    this.#addRows(dE, dlogits, x, S, this.#accumulates ? 1 : 0);
  }

  /**
   * The same for a classifier of some rows of a table: dTable[ids[c]] += row c. The other rows keep the gradient they have.
   * @param dTable [V, D]
   * @param ids [C], each once
   */
  addCompactClassifier(
    dTable: Float32Array,
    ids: Uint32Array,
    dlogits: Float32Array,
    x: Float32Array,
    S: number,
  ): void {
    const dRows = this.#compact?.dRows ?? new Float32Array(ids.length * (x.length / S));
    this.#compact = { dTable, ids, dRows };
    this.#addRows(dRows, dlogits, x, S, 0);
  }

  /** Products queued in this micro-step so far. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Returns when the first `count` queued products are complete: what they read may be overwritten then.
   * @throws What a product threw.
   */
  waitFor(count: number): void {
    this.#queue.wait(this.#queued - count);
  }

  /** Returns when all gradients of the micro-step are there. @throws What a product threw. */
  wait(): void {
    this.#queue.wait();
    if (!this.#compact) return;
    const { dTable, ids: tokens, dRows: dx } = this.#compact;
    const dim = dx.length / tokens.length;
    const accumulate = this.#accumulates;
    embeddingScatterAdd({ dTable, tokens, dx, dim, layout: "tokenMajor", accumulate });
  }

  #addRows(
    dRows: Float32Array,
    dlogits: Float32Array,
    x: Float32Array,
    S: number,
    beta: 0 | 1,
  ): void {
    const [C, D] = [dlogits.length / S, x.length / S];
    this.#product({
      m: C,
      n: D,
      k: S,
      a: { data: dlogits, rowStride: 1, columnStride: C },
      b: { data: x, rowStride: 1, columnStride: S },
      c: { data: dRows, rowStride: D, columnStride: 1 },
      beta,
    });
  }

  #product(options: GemmOptions): void {
    const { m, n, k } = options;
    this.#counters.cpu(2 * m * n * k);
    this.#queue.gemm({ ...options, precision: this.#precision });
    this.#queued += 1;
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }
}
