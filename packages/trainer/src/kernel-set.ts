/** All kernels of a pipeline, made to compute with the present parameters: compiled where they are constants, staged where they are inputs. */
import type { CompilableKernel } from "./compilable-kernel.js";

export class KernelSet implements Disposable {
  readonly #executables: readonly CompilableKernel[];
  readonly #staged: readonly { stage(): void }[];

  /** @param staged Parameters in surfaces. */
  constructor(executables: readonly CompilableKernel[], staged: readonly { stage(): void }[] = []) {
    this.#executables = executables;
    this.#staged = staged;
  }

  /** Compilations that the next `prepare()` needs: all at first, later those of kernels with weights. */
  get compilationsNeeded(): number {
    return this.#toCompile().length;
  }

  /** @returns Kernels compiled. @throws CompileError, BudgetError */
  prepare(): number {
    const kernels = this.#toCompile();
    for (const kernel of kernels) kernel.release(); // before any weight file changes
    for (const kernel of kernels) kernel.compile();
    for (const weight of this.#staged) weight.stage();
    return kernels.length;
  }

  #toCompile(): readonly CompilableKernel[] {
    return this.#executables.filter(({ hasWeights, compiled }) => hasWeights || !compiled);
  }

  [Symbol.dispose](): void {
    for (const kernel of this.#executables) kernel.release();
  }
}
