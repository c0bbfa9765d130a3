/**
 * One kernel at its place in the step: the program, the two surfaces it works on, the files of its weights and, once it is
 * compiled, its executable form. Tensors go in and out by the names of their slots.
 */
import {
  type CompiledKernel,
  copySlot,
  type Device,
  readSlot,
  type Surface,
  writeSlot,
} from "@ane/ane-runtime";
import type { Kernel, Slot } from "@ane/mil-builder";
import type { WeightFile } from "./weight-file.js";

export interface StageSurfaces {
  readonly input: Surface;
  readonly output: Surface;
}

/** A tensor where it lies: a slot of a surface. */
export interface Tap {
  readonly surface: Surface;
  readonly slot: Slot;
}

export class KernelStage<Input extends string, Output extends string> {
  readonly #device: Device;
  readonly #kernel: Kernel<Input, Output>;
  readonly #name: string;
  readonly #surfaces: StageSurfaces;
  readonly #weights: readonly WeightFile[];
  #compiled: CompiledKernel | undefined;

  /** @param name For messages, such as "fwdAttn[3]". */
  constructor(
    device: Device,
    kernel: Kernel<Input, Output>,
    name: string,
    surfaces: StageSurfaces,
    weights: readonly WeightFile[],
  ) {
    this.#device = device;
    this.#kernel = kernel;
    this.#name = name;
    this.#surfaces = surfaces;
    this.#weights = weights;
  }

  get compiled(): boolean {
    return this.#compiled !== undefined;
  }

  get hasWeights(): boolean {
    return this.#weights.length > 0;
  }

  /** Compiles with the present parameters. @throws CompileError, BudgetError */
  compile(): void {
    this.release();
    for (const file of this.#weights) file.refresh();
    const files = new Map(this.#kernel.constants);
    for (const { path, bytes } of this.#weights) files.set(path, bytes);
    this.#compiled = this.#device.compile(this.#kernel.program, files, { name: this.#name });
  }

  /** Lets go of the compiled kernel. */
  release(): void {
    this.#compiled?.dispose();
    this.#compiled = undefined;
  }

  /** Rounds a packed fp32 tensor [size, S] into an input slot. */
  write(slot: Input, source: Float32Array): void {
    writeSlot(this.#surfaces.input, this.#kernel.inputs[slot], source);
  }

  /** Copies a tensor from where another kernel left it into an input slot. */
  copy(slot: Input, from: Tap): void {
    copySlot(from.surface, from.slot, this.#surfaces.input, this.#kernel.inputs[slot]);
  }

  /** @throws EvaluationError */
  evaluate(): void {
    if (!this.#compiled) {
      throw new TypeError(`${this.#name}: compile() must come before evaluate(), got none.`);
    }
    this.#compiled.evaluate({ x: this.#surfaces.input, out: this.#surfaces.output });
  }

  /** Widens an output slot into a packed fp32 tensor [size, S]. */
  read(slot: Output, target: Float32Array): void {
    readSlot(this.#surfaces.output, this.#kernel.outputs[slot], target);
  }

  input(slot: Input): Tap {
    return { surface: this.#surfaces.input, slot: this.#kernel.inputs[slot] };
  }

  output(slot: Output): Tap {
    return { surface: this.#surfaces.output, slot: this.#kernel.outputs[slot] };
  }
}
