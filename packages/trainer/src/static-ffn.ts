/** The feed-forward half of a layer with the static kernels. */
import type { BlockContext, ResidualBlock } from "./residual-block.js";
import type { StaticStages } from "./static-stages.js";
import type { StepClock } from "./step-clock.js";

export class StaticFFN implements ResidualBlock {
  readonly #stages: StaticStages;
  readonly #context: BlockContext;

  constructor(stages: StaticStages, context: BlockContext) {
    this.#stages = stages;
    this.#context = context;
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { fwdFFN } = this.#stages;
    const { residual, scratch } = this.#context;
    fwdFFN.write("x", x);
    clock.charge("conversion");
    fwdFFN.evaluate();
    clock.charge("device");
    fwdFFN.read("y", scratch);
    clock.charge("conversion");
    residual.add(x, scratch, out);
    clock.charge("elementwise");
  }

  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { fwdFFN, ffnBwd } = this.#stages;
    const { residual, gradients, weightGradients, scratch } = this.#context;

    ffnBwd.write("dy", dx);
    for (const tap of ["h1", "h3"] as const) ffnBwd.copy(tap, fwdFFN.output(tap));
    clock.charge("conversion");
    weightGradients.add(gradients.w2, ffnBwd.input("dy"), fwdFFN.output("gate"));
    clock.charge("weightGradient");
    ffnBwd.evaluate();
    clock.charge("device");
    weightGradients.add(gradients.w1, ffnBwd.output("dh1"), fwdFFN.output("xn"));
    weightGradients.add(gradients.w3, ffnBwd.output("dh3"), fwdFFN.output("xn"));
    clock.charge("weightGradient");
    ffnBwd.read("dx", scratch);
    clock.charge("conversion");
    residual.backward(x, scratch, dx);
    clock.charge("elementwise");
  }
}
