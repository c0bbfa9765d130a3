/** A kernel with the files of its weights and, once it is compiled, its executable form. */
import type { Bindings, CompiledKernel, Device } from "@ane/ane-runtime";
import { type Kernel, kernelFlops } from "@ane/mil-builder";
import type { WeightFile } from "./weight-file.js";

export class CompilableKernel {
  /** Of the matrix products of one evaluation. */
  readonly flops: number;
  readonly #device: Device;
  readonly #kernel: Kernel;
  readonly #name: string;
  readonly #weights: readonly WeightFile[];
  #compiled: CompiledKernel | undefined;
  #files: ReadonlyMap<string, Uint8Array> = new Map();

  /** @param name For messages, such as "fwdAttn[3]". Default: the kernel's own. */
  constructor(
    device: Device,
    kernel: Kernel,
    name = kernel.name,
    weights: readonly WeightFile[] = [],
  ) {
    this.flops = kernelFlops(kernel);
    this.#device = device;
    this.#kernel = kernel;
    this.#name = name;
    this.#weights = weights;
  }

  get compiled(): boolean {
    return this.#compiled !== undefined;
  }

  get hasWeights(): boolean {
    return this.#weights.length > 0;
  }

  /** Blob files of the last compilation. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return this.#files;
  }

  /** Compiles with the present parameters. @throws CompileError, BudgetError */
  compile(): void {
    this.release();
    const files = new Map(this.#kernel.constants);
    for (const file of this.#weights) files.set(file.path, file.refresh());
    this.#files = files;
    this.#compiled = this.#device.compile(this.#kernel.program, files, { name: this.#name });
  }

  /** Lets go of the compiled form. */
  release(): void {
    this.#compiled?.dispose();
    this.#compiled = undefined;
  }

  /** @throws EvaluationError */
  evaluate(bindings: Bindings): void {
    if (!this.#compiled) {
      throw new TypeError(`${this.#name}: compile() must come before evaluate(), got none.`);
    }
    this.#compiled.evaluate(bindings);
  }
}
