/**
 * Counts what a micro-step costs, where it happens: dispatches and surface bytes at the device's boundary, arithmetic on both sides.
 * Always on: an addition or two per kernel, slot and CPU operation.
 */
import type { StepCounts } from "./events.js";

type Counter = keyof StepCounts;

/**
 * Operations per element of the CPU's passes over tensors: one per addition, multiplication, division, exponential or root of
 * their formulas. Matrix products count two per multiply-add.
 */
export const PER_ELEMENT = {
  add: 1,
  /** x², its sum; x·inverse·weight */
  rmsNormForward: 4,
  /** x², its sum; g = dOut·weight, g·x and its sum; dOut·x·inverse and its sum; g·inverse − x·mean, added to dx */
  rmsNormBackward: 12,
  /** maximum, difference, exponential, its sum; scale over sum, one factor of the row */
  crossEntropy: 5,
} as const;

export class StepCounters {
  #counts = noCounts();

  /** One evaluation of a kernel. @param flops Of its matrix products. */
  dispatch(flops: number): void {
    this.#counts.dispatches += 1;
    this.#counts.deviceFlops += flops;
  }

  /** Arithmetic on the CPU. */
  cpu(flops: number): void {
    this.#counts.cpuFlops += flops;
  }

  /** Operands of a product on the CPU that lie in surfaces. */
  readInPlace(bytes: number): void {
    this.#counts.bytesInPlace += bytes;
  }

  /** A surface's elements to fp32. */
  convertFrom(bytes: number): void {
    this.#counts.bytesRead += bytes;
    this.#counts.bytesConverted += bytes;
  }

  /** fp32 to a surface's elements. */
  convertTo(bytes: number): void {
    this.#counts.bytesWritten += bytes;
    this.#counts.bytesConverted += bytes;
  }

  /** From surface to surface. */
  copy(bytes: number): void {
    this.#counts.bytesRead += bytes;
    this.#counts.bytesWritten += bytes;
    this.#counts.bytesCopied += bytes;
  }

  /** The counts since the last call. */
  take(): StepCounts {
    const counts = this.#counts;
    this.#counts = noCounts();
    return counts;
  }
}

function noCounts(): Record<Counter, number> {
  return {
    dispatches: 0,
    bytesWritten: 0,
    bytesRead: 0,
    bytesConverted: 0,
    bytesCopied: 0,
    bytesInPlace: 0,
    deviceFlops: 0,
    cpuFlops: 0,
  };
}
