/** The attention half of a layer with the static kernels. */
import type { BlockContext, ResidualBlock } from "./residual-block.js";
import type { StaticStages } from "./static-stages.js";
import type { StepClock } from "./step-clock.js";

export class StaticAttention implements ResidualBlock {
  readonly #stages: StaticStages;
  readonly #context: BlockContext;

  constructor(stages: StaticStages, context: BlockContext) {
    this.#stages = stages;
    this.#context = context;
  }

  forward(x: Float32Array, out: Float32Array, clock: StepClock): void {
    const { fwdAttn } = this.#stages;
    const { residual, scratch } = this.#context;
    fwdAttn.write("x", x);
    clock.charge("conversion");
    fwdAttn.evaluate();
    clock.charge("device");
    fwdAttn.read("o", scratch);
    clock.charge("conversion");
    residual.add(x, scratch, out);
    clock.charge("elementwise");
  }

  backward(x: Float32Array, dx: Float32Array, clock: StepClock): void {
    const { fwdAttn, sdpaBwd1, sdpaBwd2, qkvBwd } = this.#stages;
    const { residual, gradients, weightGradients, scratch } = this.#context;

    sdpaBwd1.write("do", dx);
    for (const tap of ["q", "k", "v"] as const) sdpaBwd1.copy(tap, fwdAttn.output(tap));
    clock.charge("conversion");
    weightGradients.add(gradients.wo, sdpaBwd1.input("do"), fwdAttn.output("a"));
    clock.charge("weightGradient");
    sdpaBwd1.evaluate();
    clock.charge("device");

    for (const tap of ["probs", "dp"] as const) sdpaBwd2.copy(tap, sdpaBwd1.output(tap));
    for (const tap of ["q", "k"] as const) sdpaBwd2.copy(tap, fwdAttn.output(tap));
    clock.charge("conversion");
    sdpaBwd2.evaluate();
    clock.charge("device");

    qkvBwd.copy("dv", sdpaBwd1.output("dv"));
    for (const tap of ["dq", "dk"] as const) qkvBwd.copy(tap, sdpaBwd2.output(tap));
    clock.charge("conversion");
    weightGradients.add(gradients.wq, qkvBwd.input("dq"), fwdAttn.output("xn"));
    weightGradients.add(gradients.wk, qkvBwd.input("dk"), fwdAttn.output("xn"));
    weightGradients.add(gradients.wv, qkvBwd.input("dv"), fwdAttn.output("xn"));
    clock.charge("weightGradient");
    qkvBwd.evaluate();
    clock.charge("device");
    qkvBwd.read("dx", scratch);
    clock.charge("conversion");
    residual.backward(x, scratch, dx);
    clock.charge("elementwise");
  }
}
