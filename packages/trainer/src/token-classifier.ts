/**
 * From normalized activations to the loss of the next token and back. All fp32 on the CPU. Logits are rows per position,
 * [S, C] = Xᵀ·Eᵀ, so that each softmax is contiguous; dlogits take their place.
 * D = dim, S = sequence, V = vocabulary, C = classes: the vocabulary, or the ids that occur in the text; x and dx are
 * channel-first [D, S], E is the classifier [C, D].
 */
import { crossEntropy, crossEntropyLoss, embeddingGather, gemm } from "@ane/accel-ops";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import type { Head } from "./micro-step.js";
import type { Tokens } from "./pipeline.js";
import type { StepClock } from "./step-clock.js";
import { PER_ELEMENT, type StepCounters } from "./step-counters.js";
import type { Precision, WeightGradients } from "./weight-gradients.js";

export interface TokenClassifierOptions {
  /** [V, D], which may be the token embedding. */
  readonly table: Float32Array;
  readonly dTable: Float32Array;
  readonly weightGradients: WeightGradients;
  readonly counters: StepCounters;
  readonly precision: Precision;
  readonly D: number;
  readonly S: number;
  /** The classes of the loss; without it, all of the vocabulary. */
  readonly vocabulary?: CompactVocabulary | undefined;
  /** See `CrossEntropyOptions`. */
  readonly zLoss?: number | undefined;
  readonly softcap?: number | undefined;
}

export class TokenClassifier implements Head {
  readonly #options: TokenClassifierOptions;
  readonly #V: number;
  readonly #C: number;
  /** [S, C]: logits, then their gradients. */
  readonly #logits: Float32Array;
  /** [C, D]: a copy of the classes' rows, where they are not the whole classifier. */
  #rows: Float32Array | undefined;

  constructor(options: TokenClassifierOptions) {
    const { table, D, S, vocabulary } = options;
    this.#options = options;
    this.#V = table.length / D;
    this.#C = vocabulary?.ids.length ?? this.#V;
    this.#logits = new Float32Array(S * this.#C);
  }

  /**
   * @param x [D, S]; stays as it is until its product with dlogits, which is queued, is there.
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
    const { counters, precision, D, S, vocabulary, zLoss, softcap } = this.#options;
    const [C, logits] = [this.#C, this.#logits];

    const E = this.#classifier();
    this.#computeLogits(x, E);
    clock.charge("classifier");

    const gradientScale = lossScale / S;
    const classes = vocabulary?.classesOf(targets) ?? targets;
    const rows = { logits, targets: classes, rows: S, classes: C };
    const absentClasses = this.#V - C;
    const loss = crossEntropy({ ...rows, absentClasses, gradientScale, zLoss, softcap });
    clock.charge("loss");

    this.#queueGradient(x);
    clock.charge("weightGradient");
    gemm({
      m: D,
      n: S,
      k: C,
      a: { data: E, rowStride: 1, columnStride: D },
      b: { data: logits, rowStride: 1, columnStride: C },
      c: { data: dx, rowStride: S, columnStride: 1 },
      precision,
    });
    counters.cpu(2 * (2 * S * C * D)); // logits and dx
    counters.cpu(PER_ELEMENT.crossEntropy * S * C);
    clock.charge("classifier");
    return loss;
  }

  /** The loss alone, with the classes of the last micro-step. */
  loss(x: Float32Array, targets: Tokens): number {
    const { S, vocabulary, softcap } = this.#options;
    this.#computeLogits(x, this.#classifier());
    const classes = vocabulary?.classesOf(targets) ?? targets;
    const rows = { logits: this.#logits, targets: classes, rows: S, classes: this.#C };
    return crossEntropyLoss({ ...rows, absentClasses: this.#V - this.#C, softcap });
  }

  /** Of the class after a position, without a softcap: [C], overwritten by the next call. */
  logits(x: Float32Array, position: number): Float32Array {
    this.#computeLogits(x, this.#classifier());
    return this.#logits.subarray(position * this.#C, (position + 1) * this.#C);
  }

  #computeLogits(x: Float32Array, E: Float32Array): void {
    const { precision, D, S } = this.#options;
    const C = this.#C;
    gemm({
      m: S,
      n: C,
      k: D,
      a: { data: x, rowStride: 1, columnStride: S },
      b: { data: E, rowStride: 1, columnStride: D },
      c: { data: this.#logits, rowStride: C, columnStride: 1 },
      precision,
    });
  }

  /** [C, D]: gathered anew where the parameters may have changed, in the first micro-step of an update. */
  #classifier(): Float32Array {
    const { table, weightGradients, vocabulary, D: dim } = this.#options;
    if (!vocabulary) return table;
    if (this.#rows && weightGradients.accumulates) return this.#rows;
    const out = this.#rows ?? new Float32Array(this.#C * dim);
    embeddingGather({ table, tokens: vocabulary.ids, out, dim, layout: "tokenMajor" });
    this.#rows = out;
    return out;
  }

  #queueGradient(x: Float32Array): void {
    const { dTable, weightGradients, S, vocabulary } = this.#options;
    const dlogits = this.#logits;
    if (vocabulary) weightGradients.addCompactClassifier(dTable, vocabulary.ids, dlogits, x, S);
    else weightGradients.addClassifier(dTable, dlogits, x, S);
  }
}
