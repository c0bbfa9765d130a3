/** The feed-forward half of a layer with the dynamic kernels; its RMSNorm is the CPU's. */
import type { DynamicStages } from "./dynamic-stages.js";
import type { BlockContext, ResidualBlock } from "./residual-block.js";
import type { StepClock } from "./step-clock.js";

export class DynamicFFN implements ResidualBlock {
  readonly #stages: DynamicStages;
  readonly #context: BlockContext;

  constructor(stages: DynamicStages, context: BlockContext) {
    this.#stages = stages;
    this.#context = context;
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { ffnFwd, ffnBwd } = this.#stages;
    const { residual, scratch } = this.#context;
    residual.normalize(x, scratch);
    clock.charge("elementwise");
    ffnFwd.write("xn", scratch);
    clock.charge("conversion");
    ffnFwd.evaluate();
    clock.charge("device");
    ffnFwd.read("y", scratch);
    for (const tap of ["h1", "h3"] as const) ffnBwd.copy(tap, ffnFwd.output(tap)); // while it is in the cache
    clock.charge("conversion");
    residual.add(x, scratch, out);
    clock.charge("elementwise");
  }

  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { ffnFwd, ffnBwd } = this.#stages;
    const { residual, gradients, weightGradients, scratch } = this.#context;

    ffnBwd.write("dy", dx);
    clock.charge("conversion");
    weightGradients.add(gradients.w2, ffnBwd.input("dy"), ffnFwd.output("gate"));
    clock.charge("weightGradient");
    ffnBwd.evaluate();
    clock.charge("device");
    weightGradients.add(gradients.w1, ffnBwd.output("dh1"), ffnFwd.input("xn"));
    weightGradients.add(gradients.w3, ffnBwd.output("dh3"), ffnFwd.input("xn"));
    clock.charge("weightGradient");
    ffnBwd.read("dx", scratch);
    clock.charge("conversion");
    residual.backward(x, scratch, dx);
    clock.charge("elementwise");
  }
}
