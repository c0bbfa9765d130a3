/** The attention half of a layer with the dynamic kernels; its RMSNorm is the CPU's. */
import type { DynamicLayer, DynamicStages } from "./dynamic-stages.js";
import type { HeadNorm } from "./head-norm.js";
import type { BlockContext, ResidualBlock } from "./residual-block.js";
import type { StepClock } from "./step-clock.js";

export class DynamicAttention implements ResidualBlock {
  readonly #stages: DynamicStages;
  readonly #headNorms: readonly HeadNorm[];
  readonly #context: BlockContext;

  constructor({ stages, headNorms }: DynamicLayer, context: BlockContext) {
    this.#stages = stages;
    this.#headNorms = headNorms;
    this.#context = context;
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { attnFwd, attnBwd } = this.#stages;
    const { residual, scratch } = this.#context;
    residual.normalize(x, scratch);
    clock.charge("elementwise");
    attnFwd.write("xn", scratch);
    clock.charge("conversion");
    attnFwd.evaluate();
    clock.charge("device");
    attnFwd.read("o", scratch);
    for (const tap of ["q", "k", "v"] as const) attnBwd.copy(tap, attnFwd.output(tap)); // while it is in the cache
    clock.charge("conversion");
    residual.add(x, scratch, out);
    clock.charge("elementwise");
  }

  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { attnFwd, attnBwd } = this.#stages;
    const { residual, gradients, weightGradients, scratch } = this.#context;

    attnBwd.write("do", dx);
    clock.charge("conversion");
    weightGradients.add(gradients.wo, attnBwd.input("do"), attnFwd.output("a"));
    clock.charge("weightGradient");
    attnBwd.evaluate();
    clock.charge("device");
    weightGradients.add(gradients.wq, attnBwd.output("dq"), attnFwd.input("xn"));
    weightGradients.add(gradients.wk, attnBwd.output("dk"), attnFwd.input("xn"));
    weightGradients.add(gradients.wv, attnBwd.output("dv"), attnFwd.input("xn"));
    clock.charge("weightGradient");
    attnBwd.read("dx", scratch);
    clock.charge("conversion");
    for (const headNorm of this.#headNorms) headNorm.addGradient();
    residual.backward(x, scratch, dx);
    clock.charge("elementwise");
  }
}
