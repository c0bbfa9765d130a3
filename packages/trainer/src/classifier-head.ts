/**
 * From the last residual stream to the loss and back: final RMSNorm, logits, cross-entropy, and their gradients. All fp32
 * on the CPU. Logits are rows per position, [S, C] = Xᵀ·Eᵀ, so that each softmax is contiguous; dlogits take their place.
 * D = dim, S = sequence, C = classes: the vocabulary, or the ids that occur in the text; x and dx are channel-first [D, S],
 * E is the classifier [C, D].
 */
import {
  crossEntropy,
  embeddingGather,
  gemm,
  rmsNormBackward,
  rmsNormForward,
} from "@ane/accel-ops";
import type { Parameters } from "@ane/llama-model";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import type { StepClock } from "./step-clock.js";
import { PER_ELEMENT, type StepCounters } from "./step-counters.js";
import type { Precision, WeightGradients } from "./weight-gradients.js";

type Tokens = Uint16Array | Uint32Array;

export interface ClassifierHeadOptions {
  readonly parameters: Parameters;
  readonly gradients: Parameters;
  readonly weightGradients: WeightGradients;
  readonly counters: StepCounters;
  readonly precision: Precision;
  readonly S: number;
  /** The classes of the loss; without it, all of the vocabulary. */
  readonly vocabulary?: CompactVocabulary | undefined;
  /** See `CrossEntropyOptions`. */
  readonly zLoss?: number | undefined;
  readonly softcap?: number | undefined;
}

export class ClassifierHead {
  readonly #options: ClassifierHeadOptions;
  readonly #C: number;
  /** [D, S]: input of the classifier, and its gradient. */
  readonly #xn: Float32Array;
  readonly #dxn: Float32Array;
  /** [S, C]: logits, then their gradients. */
  readonly #logits: Float32Array;
  /** [C, D]: a copy of the classes' rows, where they are not the whole classifier. */
  #rows: Float32Array | undefined;

  constructor(options: ClassifierHeadOptions) {
    const { parameters, S, vocabulary } = options;
    const { dim: D, vocabSize: V } = parameters.config;
    this.#options = options;
    this.#C = vocabulary?.ids.length ?? V;
    this.#xn = new Float32Array(D * S);
    this.#dxn = new Float32Array(D * S);
    this.#logits = new Float32Array(S * this.#C);
  }

  /**
   * @param x Residual stream [D, S].
   * @param targets [S]
   * @param dx Receives its gradient, times lossScale, [D, S].
   * @returns Mean loss over the vocabulary, nats per token; ids that are no classes have logits of 0.
   */
  forwardBackward(
    x: Float32Array,
    targets: Tokens,
    dx: Float32Array,
    lossScale: number,
    clock: StepClock,
  ): number {
    const { parameters, gradients, counters, precision, S, vocabulary } = this.#options;
    const { zLoss, softcap } = this.#options;
    const { dim: D, normEps, vocabSize: V } = parameters.config;
    const [C, xn, dxn, logits] = [this.#C, this.#xn, this.#dxn, this.#logits];
    const norm = { rows: S, dim: D, eps: normEps, layout: "channelFirst" } as const;

    const E = this.#classifier();
    rmsNormForward({ ...norm, x, weight: parameters.finalNorm, out: xn });
    clock.charge("elementwise");
    gemm({
      m: S,
      n: C,
      k: D,
      a: { data: xn, rowStride: 1, columnStride: S },
      b: { data: E, rowStride: 1, columnStride: D },
      c: { data: logits, rowStride: C, columnStride: 1 },
      precision,
    });
    clock.charge("classifier");

    const gradientScale = lossScale / S;
    const classes = vocabulary?.classesOf(targets) ?? targets;
    const rows = { logits, targets: classes, rows: S, classes: C };
    const loss = crossEntropy({ ...rows, absentClasses: V - C, gradientScale, zLoss, softcap });
    clock.charge("loss");

    this.#queueGradient();
    clock.charge("weightGradient");
    gemm({
      m: D,
      n: S,
      k: C,
      a: { data: E, rowStride: 1, columnStride: D },
      b: { data: logits, rowStride: 1, columnStride: C },
      c: { data: dxn, rowStride: S, columnStride: 1 },
      precision,
    });
    counters.cpu(2 * (2 * S * C * D)); // logits and dxn
    counters.cpu(PER_ELEMENT.crossEntropy * S * C);
    clock.charge("classifier");

    const { finalNorm: weight } = parameters;
    rmsNormBackward({ ...norm, x, weight, dOut: dxn, dx, dWeight: gradients.finalNorm });
    counters.cpu((PER_ELEMENT.rmsNormForward + PER_ELEMENT.rmsNormBackward) * S * D);
    clock.charge("elementwise");
    return loss;
  }

  /** [C, D]: gathered anew where the parameters may have changed, in the first micro-step of an update. */
  #classifier(): Float32Array {
    const { parameters, weightGradients, vocabulary } = this.#options;
    const { classifier: table, config } = parameters;
    if (!vocabulary) return table;
    if (this.#rows && weightGradients.accumulates) return this.#rows;
    const { dim } = config;
    const out = this.#rows ?? new Float32Array(this.#C * dim);
    embeddingGather({ table, tokens: vocabulary.ids, out, dim, layout: "tokenMajor" });
    this.#rows = out;
    return out;
  }

  #queueGradient(): void {
    const { gradients, weightGradients, S, vocabulary } = this.#options;
    const [dE, dlogits, x] = [gradients.classifier, this.#logits, this.#xn];
    if (vocabulary) weightGradients.addCompactClassifier(dE, vocabulary.ids, dlogits, x, S);
    else weightGradients.addClassifier(dE, dlogits, x, S);
  }
}
