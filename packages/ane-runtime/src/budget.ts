/**
 * Counts the successful compilations of this process. The count is one for all devices and all worker threads,
 * because what leaks is memory of the process (maderix/ANE: about 119 compilations; other projects report 110 to 132).
 */
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { CompileBudget } from "./device.js";
import { BudgetError } from "./errors.js";

/** Compilations that a process survives. */
export const DEFAULT_COMPILE_BUDGET = 119;

const key = "@ane/ane-runtime/compilations";

/** Shared memory reaches the workers that are started after the first device was opened here. */
function processCounter(): Int32Array {
  const known = getEnvironmentData(key);
  if (known instanceof SharedArrayBuffer) return new Int32Array(known);
  const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  setEnvironmentData(key, shared);
  return new Int32Array(shared);
}

/** A device's limit on the count of its process. */
export class ProcessCompileBudget implements CompileBudget {
  readonly limit: number;
  readonly #counter = processCounter();

  /** @param limit compilations allowed; 0 = no limit */
  constructor(limit: number = DEFAULT_COMPILE_BUDGET) {
    if (!Number.isInteger(limit) || limit < 0) {
      throw new RangeError(
        `compileBudget: must be a whole number of compilations, got ${limit}. Use 0 for no limit.`,
      );
    }
    this.limit = limit;
  }

  get used(): number {
    return Atomics.load(this.#counter, 0);
  }

  get remaining(): number {
    return this.limit === 0 ? Number.POSITIVE_INFINITY : Math.max(0, this.limit - this.used);
  }

  /** @throws BudgetError when nothing is left */
  check(kernel: string): void {
    if (this.remaining === 0) throw new BudgetError(kernel, this.used, this.limit);
  }

  /**
   * Counts one compilation before it is made, so that threads cannot exceed the limit together; `giveBack` if it is not made.
   * @returns false when nothing is left
   */
  reserve(): boolean {
    const before = Atomics.add(this.#counter, 0, 1);
    if (this.limit === 0 || before < this.limit) return true;
    this.giveBack();
    return false;
  }

  /** Undoes a `reserve`. */
  giveBack(): void {
    Atomics.sub(this.#counter, 0, 1);
  }

  /** Counts one successful compilation. */
  spend(): void {
    Atomics.add(this.#counter, 0, 1);
  }
}
