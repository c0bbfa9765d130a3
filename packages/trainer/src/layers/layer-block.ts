/**
 * A layer between two streams: its derived kernels on the device, everything that they exchange, and its weight gradients. The
 * streams are fp32; a residual layer adds to them there.
 */
import { add, axpy, reduce } from "@ane/accel-ops";
import type { Place, TrainingKernels, WeightGradient } from "@ane/mil-builder/autodiff";
import type { KernelStage, Tap } from "../kernel-stage.js";
import type { Block } from "../residual-block.js";
import type { StepClock } from "../step-clock.js";
import { PER_ELEMENT, type StepCounters } from "../step-counters.js";
import type { WeightGradients } from "../weight-gradients.js";

export type LayerStage = KernelStage<string, string>;

/** The stages of a layer's kernels. */
export interface LayerStages {
  readonly forward: LayerStage;
  readonly backward: readonly LayerStage[];
}

export interface LayerBlockOptions {
  readonly kernels: TrainingKernels;
  readonly stages: LayerStages;
  readonly residual: boolean;
  /** Elements of x and of the result. */
  readonly inputLength: number;
  readonly outputLength: number;
  /** Views into the state's, by parameter. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly weightGradients: WeightGradients;
  readonly counters: StepCounters;
  /** Room for any tensor on its way. */
  readonly scratch: Float32Array;
}

export class LayerBlock implements Block {
  readonly #options: LayerBlockOptions;
  /** Weight gradients by the number of backward kernels that must have run. */
  readonly #due: readonly (readonly WeightGradient[])[];

  constructor(options: LayerBlockOptions) {
    const { weightGradients, backward } = options.kernels;
    this.#options = options;
    this.#due = Array.from({ length: backward.length + 1 }, (_, done) =>
      weightGradients.filter((gradient) => dueAfter(gradient) === done),
    );
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { residual, outputLength, counters, scratch } = this.#options;
    const y = residual ? scratch.subarray(0, outputLength) : out;
    this.forwardKernel(x, y, clock);
    if (!residual) return;
    add(x, y, out);
    counters.cpu(PER_ELEMENT.add * outputLength);
    clock.charge("elementwise");
  }

  backward(_x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { kernels, residual, inputLength, outputLength, counters, scratch } = this.#options;
    const target = residual ? scratch.subarray(0, inputLength) : dx.subarray(0, inputLength);
    this.backwardKernels(dx.subarray(0, outputLength), target, clock);
    if (!kernels.gradients.x && !residual) target.fill(0); // the layer does not look at x
    if (!kernels.gradients.x || !residual) return;
    axpy(1, target, dx.subarray(0, inputLength));
    counters.cpu(PER_ELEMENT.add * inputLength);
    clock.charge("elementwise");
  }

  /** y of x, without the sum with the stream. */
  forwardKernel(x: Float32Array, y: Float32Array, clock: StepClock): void {
    const { kernels, stages } = this.#options;
    stages.forward.write(kernels.inputs.x!.slot, x);
    clock.charge("conversion");
    stages.forward.evaluate();
    clock.charge("device");
    stages.forward.read(kernels.outputs.y!.slot, y);
    clock.charge("conversion");
  }

  /** Queues the weight gradients. @param dx Receives the kernels' gradient of x, if they have one; may be dy. */
  backwardKernels(dy: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { kernels, stages } = this.#options;
    for (const { kernel, slot } of kernels.seeds.y!) this.#stage(kernel).write(slot, dy);
    clock.charge("conversion");
    stages.backward.forEach((stage, i) => {
      for (const { from, to } of kernels.transfers) {
        if (to.kernel === i) stage.copy(to.slot, this.#tap(from));
      }
      clock.charge("conversion");
      if (i === 0) this.#addGradients(0, clock);
      stage.evaluate();
      clock.charge("device");
      this.#addGradients(i + 1, clock);
    });
    const { x: place } = kernels.gradients;
    if (!place) return;
    this.#stage(place.kernel).read(place.slot, dx);
    clock.charge("conversion");
  }

  #addGradients(done: number, clock: StepClock): void {
    const { kernels, gradients, weightGradients } = this.#options;
    for (const gradient of this.#due[done]!) {
      const target = gradients[gradient.parameter]!;
      if (gradient.kind === "product") {
        const accumulate = isProduct(kernels, gradient.parameter) ? undefined : true;
        weightGradients.add(target, this.#tap(gradient.dy), this.#tap(gradient.x), accumulate);
      } else this.#addNow(gradient, target);
    }
    clock.charge("weightGradient");
  }

  /** What is no product: sums of rows, or elements as they are. */
  #addNow({ kind, of }: Exclude<WeightGradient, { kind: "product" }>, target: Float32Array): void {
    const { scratch, counters } = this.#options;
    const { slot } = this.#tap(of);
    const [, rows, , columns] = slot.shape;
    const values = scratch.subarray(0, rows * columns);
    const stage = this.#stage(of.kernel);
    if (of.side === "output") stage.read(of.slot, values);
    else stage.readInput(of.slot, values);
    if (kind === "elements") {
      axpy(1, values.subarray(0, target.length), target);
      return;
    }
    const sums = new Float32Array(rows);
    reduce({ op: "sum", outer: rows, axis: columns, inner: 1, x: values, out: sums });
    axpy(1, sums.subarray(0, target.length), target);
    counters.cpu(rows * columns);
  }

  #stage(kernel: Place["kernel"]): LayerStage {
    const { forward, backward } = this.#options.stages;
    return kernel === "forward" ? forward : backward[kernel]!;
  }

  #tap({ kernel, side, slot }: Place): Tap {
    const stage = this.#stage(kernel);
    return side === "input" ? stage.input(slot) : stage.output(slot);
  }
}

/** Whether a parameter's gradient is one product, which overwrites the last update's; others are added to zeros. */
export function isProduct({ weightGradients }: TrainingKernels, parameter: string): boolean {
  const own = weightGradients.filter((gradient) => gradient.parameter === parameter);
  return own.length === 1 && own[0]!.kind === "product";
}

/** The number of backward kernels that must have run before all operands of a weight gradient are there. */
function dueAfter(gradient: WeightGradient): number {
  const places = gradient.kind === "product" ? [gradient.dy, gradient.x] : [gradient.of];
  const readyAfter = ({ kernel, side }: Place) =>
    kernel === "forward" ? 0 : kernel + (side === "input" && kernel === 0 ? 0 : 1);
  return Math.max(...places.map(readyAfter));
}
