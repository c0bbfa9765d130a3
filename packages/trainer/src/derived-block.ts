/** Half of a Llama layer with derived kernels. Backward of its RMSNorm is the CPU's; so is, in the dynamic pipeline, RMSNorm itself. */
import type { TrainingKernels } from "@ane/mil-builder/autodiff";
import type { LayerBlock } from "./layers/layer-block.js";
import type { BlockContext, ResidualBlock } from "./residual-block.js";
import type { StepClock } from "./step-clock.js";

export class DerivedBlock implements ResidualBlock {
  readonly #layer: LayerBlock;
  readonly #context: BlockContext;
  readonly #normalizes: boolean;

  /**
   * @param layer Of kernels from xn, or from x to the output, and from its gradient to that of xn.
   * @param normalizes True if its input is xn.
   */
  constructor(layer: LayerBlock, context: BlockContext, normalizes: boolean) {
    this.#layer = layer;
    this.#context = context;
    this.#normalizes = normalizes;
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { residual, scratch } = this.#context;
    if (this.#normalizes) {
      residual.normalize(x, scratch);
      clock.charge("elementwise");
    }
    this.#layer.forwardKernel(this.#normalizes ? scratch : x, scratch, clock);
    residual.add(x, scratch, out);
    clock.charge("elementwise");
  }

  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { residual, scratch } = this.#context;
    this.#layer.backwardKernels(dx, scratch, clock);
    residual.backward(x, scratch, dx);
    clock.charge("elementwise");
  }
}

/** The kernels of a layer of one stream, which is x and y there, whatever the layer calls it. */
export function ofOneStream(kernels: TrainingKernels): TrainingKernels {
  const [[, x], [, y]] = [Object.entries(kernels.inputs)[0]!, Object.entries(kernels.outputs)[0]!];
  const [[, dy], [, dx]] = [
    Object.entries(kernels.seeds)[0]!,
    Object.entries(kernels.gradients)[0]!,
  ];
  return { ...kernels, inputs: { x }, outputs: { y }, seeds: { y: dy }, gradients: { x: dx } };
}
