/**
 * From a Llama's last residual stream to the loss and back: final RMSNorm and classifier with their gradients. All fp32 on the
 * CPU. D = dim, S = sequence; x and dx are channel-first [D, S].
 */
import { rmsNormBackward, rmsNormForward } from "@ane/accel-ops";
import type { Parameters } from "@ane/llama-model";
import type { Head } from "./micro-step.js";
import type { Tokens } from "./pipeline.js";
import type { StepClock } from "./step-clock.js";
import { PER_ELEMENT } from "./step-counters.js";
import { TokenClassifier, type TokenClassifierOptions } from "./token-classifier.js";

export interface ClassifierHeadOptions
  extends Omit<TokenClassifierOptions, "table" | "dTable" | "D"> {
  readonly parameters: Parameters;
  readonly gradients: Parameters;
}

export class ClassifierHead implements Head {
  readonly #options: ClassifierHeadOptions;
  readonly #classifier: TokenClassifier;
  /** [D, S]: input of the classifier, and its gradient. */
  readonly #xn: Float32Array;
  readonly #dxn: Float32Array;

  constructor(options: ClassifierHeadOptions) {
    const { parameters, gradients, S } = options;
    const { dim: D } = parameters.config;
    const [table, dTable] = [parameters.classifier, gradients.classifier];
    this.#options = options;
    this.#classifier = new TokenClassifier({ ...options, table, dTable, D });
    this.#xn = new Float32Array(D * S);
    this.#dxn = new Float32Array(D * S);
  }

  forwardBackward(
    x: Float32Array,
    targets: Tokens,
    dx: Float32Array,
    lossScale: number,
    clock: StepClock,
  ): number {
    const { parameters, gradients, counters, S } = this.#options;
    const { dim: D, normEps } = parameters.config;
    const [xn, dxn] = [this.#xn, this.#dxn];
    const norm = { rows: S, dim: D, eps: normEps, layout: "channelFirst" } as const;
    const { finalNorm: weight } = parameters;
    rmsNormForward({ ...norm, x, weight, out: xn });
    clock.charge("elementwise");
    const loss = this.#classifier.forwardBackward(xn, targets, dxn, lossScale, clock);
    rmsNormBackward({ ...norm, x, weight, dOut: dxn, dx, dWeight: gradients.finalNorm });
    counters.cpu((PER_ELEMENT.rmsNormForward + PER_ELEMENT.rmsNormBackward) * S * D);
    clock.charge("elementwise");
    return loss;
  }
}
