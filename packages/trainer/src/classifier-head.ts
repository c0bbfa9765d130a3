/**
 * From the last residual stream to the loss and back: final RMSNorm, logits, cross-entropy, and their gradients. All fp32
 * on the CPU. Logits are rows per position, [S, V] = Xᵀ·Eᵀ, so that each softmax is contiguous; dlogits take their place.
 * D = dim, S = sequence, V = vocabulary; x and dx are channel-first [D, S], E is the classifier [V, D].
 */
import { crossEntropy, gemm, rmsNormBackward, rmsNormForward } from "@ane/accel-ops";
import type { Parameters } from "@ane/llama-model";
import type { StepClock } from "./step-clock.js";
import type { WeightGradients } from "./weight-gradients.js";

export class ClassifierHead {
  readonly #parameters: Parameters;
  readonly #gradients: Parameters;
  readonly #weightGradients: WeightGradients;
  readonly #S: number;
  /** [D, S]: input of the classifier, and its gradient. */
  readonly #xn: Float32Array;
  readonly #dxn: Float32Array;
  /** [S, V]: logits, then their gradients. */
  readonly #logits: Float32Array;

  constructor(
    parameters: Parameters,
    gradients: Parameters,
    weightGradients: WeightGradients,
    S: number,
  ) {
    const { dim: D, vocabSize: V } = parameters.config;
    this.#parameters = parameters;
    this.#gradients = gradients;
    this.#weightGradients = weightGradients;
    this.#S = S;
    this.#xn = new Float32Array(D * S);
    this.#dxn = new Float32Array(D * S);
    this.#logits = new Float32Array(S * V);
  }

  /**
   * @param x Residual stream [D, S].
   * @param dx Receives its gradient, times lossScale, [D, S].
   * @returns Mean loss, nats per token.
   */
  forwardBackward(
    x: Float32Array,
    targets: Uint16Array | Uint32Array,
    dx: Float32Array,
    lossScale: number,
    clock: StepClock,
  ): number {
    const { dim: D, vocabSize: V, normEps } = this.#parameters.config;
    const { finalNorm, classifier: E } = this.#parameters;
    const [S, xn, dxn, logits] = [this.#S, this.#xn, this.#dxn, this.#logits];
    const norm = { rows: S, dim: D, eps: normEps, layout: "channelFirst" } as const;

    rmsNormForward({ ...norm, x, weight: finalNorm, out: xn });
    clock.charge("elementwise");
    gemm({
      m: S,
      n: V,
      k: D,
      a: { data: xn, rowStride: 1, columnStride: S },
      b: { data: E, rowStride: 1, columnStride: D },
      c: { data: logits, rowStride: V, columnStride: 1 },
    });
    clock.charge("classifier");

    const gradientScale = lossScale / S;
    const loss = crossEntropy({ logits, targets, rows: S, classes: V, gradientScale });
    clock.charge("loss");

    this.#weightGradients.addClassifier(this.#gradients.classifier, logits, xn, { D, S, V });
    clock.charge("weightGradient");
    gemm({
      m: D,
      n: S,
      k: V,
      a: { data: E, rowStride: 1, columnStride: D },
      b: { data: logits, rowStride: 1, columnStride: V },
      c: { data: dxn, rowStride: S, columnStride: 1 },
    });
    clock.charge("classifier");

    const dWeight = this.#gradients.finalNorm;
    rmsNormBackward({ ...norm, x, weight: finalNorm, dOut: dxn, dx, dWeight });
    clock.charge("elementwise");
    return loss;
  }
}
