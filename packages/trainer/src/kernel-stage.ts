/**
 * A kernel at its place in the step: the two surfaces it works on there, which tensors enter and leave by the names of their
 * slots. Everything that passes is counted.
 */
import { copySlot, readSlot, type Surface, writeSlot } from "@ane/ane-runtime";
import type { Kernel, Slot } from "@ane/mil-builder";
import type { CompilableKernel } from "./compilable-kernel.js";
import type { NumericWatch } from "./numeric-watch.js";
import type { StepCounters } from "./step-counters.js";

export interface StageSurfaces {
  readonly input: Surface;
  readonly output: Surface;
}

/** A tensor where it lies: a slot of a surface. */
export interface Tap {
  readonly surface: Surface;
  readonly slot: Slot;
}

/** Who sees what passes: counted, and looked at for values that are not finite. */
export interface StageObservers {
  readonly counters: StepCounters;
  readonly watch: NumericWatch;
}

/** Bytes of a tap's elements. */
export function tapBytes({ surface, slot }: Tap): number {
  const [n, c, h, w] = slot.shape;
  return n * c * h * w * (surface.dtype === "fp16" ? 2 : 4);
}

export class KernelStage<Input extends string, Output extends string> {
  readonly #kernel: Kernel<Input, Output>;
  readonly #executable: CompilableKernel;
  readonly #surfaces: StageSurfaces;
  readonly #counters: StepCounters;
  readonly #watch: NumericWatch;
  readonly #layer: number;

  /** @param executable The same kernel; stages of several layers may share it. */
  constructor(
    kernel: Kernel<Input, Output>,
    executable: CompilableKernel,
    surfaces: StageSurfaces,
    { counters, watch }: StageObservers,
    layer: number,
  ) {
    this.#kernel = kernel;
    this.#executable = executable;
    this.#surfaces = surfaces;
    this.#counters = counters;
    this.#watch = watch;
    this.#layer = layer;
  }

  /** Rounds a packed fp32 tensor [size, S] into an input slot. */
  write(slot: Input, source: Float32Array): void {
    const tap = this.input(slot);
    writeSlot(tap.surface, tap.slot, source);
    this.#counters.convertTo(tapBytes(tap));
  }

  /** Copies a tensor from where another kernel left it into an input slot. */
  copy(slot: Input, from: Tap): void {
    const to = this.input(slot);
    copySlot(from.surface, from.slot, to.surface, to.slot);
    this.#counters.copy(tapBytes(from));
  }

  /** @throws EvaluationError */
  evaluate(): void {
    this.#executable.evaluate({ x: this.#surfaces.input, out: this.#surfaces.output });
    this.#counters.dispatch(this.#executable.flops);
    this.#watch.evaluated(() => {
      const { files } = this.#executable;
      return { kernel: this.#kernel, layer: this.#layer, files, ...this.#surfaces };
    });
  }

  /** Widens an output slot into a packed fp32 tensor [size, S]. */
  read(slot: Output, target: Float32Array): void {
    this.#widen(this.output(slot), target);
  }

  /** The same of what was written into an input slot, rounded as it is there. */
  readInput(slot: Input, target: Float32Array): void {
    this.#widen(this.input(slot), target);
  }

  input(slot: Input): Tap {
    return { surface: this.#surfaces.input, slot: this.#kernel.inputs[slot] };
  }

  output(slot: Output): Tap {
    return { surface: this.#surfaces.output, slot: this.#kernel.outputs[slot] };
  }

  #widen(tap: Tap, target: Float32Array): void {
    readSlot(tap.surface, tap.slot, target);
    this.#counters.convertFrom(tapBytes(tap));
  }
}
