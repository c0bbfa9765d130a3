/**
 * From the last stream of images to the loss of their labels and back: the mean over positions, a classifier with bias,
 * cross-entropy, and their gradients. All fp32 on the CPU, and at once: it is little.
 * N = images, C = channels, P = positions, K = classes; x and dx are [N, C, P], the classifier is [K, C].
 */
import { axpy, crossEntropy, crossEntropyLoss, gemm, reduce } from "@ane/accel-ops";
import type { Head } from "../micro-step.js";
import type { Tokens } from "../pipeline.js";
import type { StepClock } from "../step-clock.js";
import { PER_ELEMENT, type StepCounters } from "../step-counters.js";

/** Parameters or their gradients. */
export interface LabelTables {
  /** [K, C] */
  readonly classifier: Float32Array;
  /** [K] */
  readonly bias: Float32Array;
}

export interface LabelHeadOptions {
  readonly parameters: LabelTables;
  /** Added to. */
  readonly gradients: LabelTables;
  readonly counters: StepCounters;
  readonly N: number;
  readonly C: number;
  readonly P: number;
  readonly zLoss?: number | undefined;
}

export class LabelHead implements Head {
  readonly #options: LabelHeadOptions;
  readonly #K: number;
  /** [N, C]: means, and their gradients. */
  readonly #means: Float32Array;
  readonly #dMeans: Float32Array;
  /** [N, K]: logits, then their gradients. */
  readonly #logits: Float32Array;

  constructor(options: LabelHeadOptions) {
    const { N, C, parameters } = options;
    this.#options = options;
    this.#K = parameters.bias.length;
    this.#means = new Float32Array(N * C);
    this.#dMeans = new Float32Array(N * C);
    this.#logits = new Float32Array(N * this.#K);
  }

  /** @param targets [N] */
  forwardBackward(
    x: Float32Array,
    targets: Tokens,
    dx: Float32Array,
    lossScale: number,
    clock: StepClock,
  ): number {
    const { parameters, gradients, counters, N, C, P, zLoss } = this.#options;
    const [K, logits, means, dMeans] = [this.#K, this.#logits, this.#means, this.#dMeans];
    this.#computeLogits(x);
    clock.charge("classifier");
    const rows = { logits, targets, rows: N, classes: K };
    const loss = crossEntropy({ ...rows, gradientScale: lossScale / N, zLoss });
    clock.charge("loss");
    gemm({
      m: K,
      n: C,
      k: N,
      a: { data: logits, rowStride: 1, columnStride: K },
      b: { data: means, rowStride: C, columnStride: 1 },
      c: { data: gradients.classifier, rowStride: C, columnStride: 1 },
      beta: 1,
    });
    for (let n = 0; n < N; n++) axpy(1, logits.subarray(n * K, (n + 1) * K), gradients.bias);
    clock.charge("weightGradient");
    gemm({
      m: N,
      n: C,
      k: K,
      a: { data: logits, rowStride: K, columnStride: 1 },
      b: { data: parameters.classifier, rowStride: C, columnStride: 1 },
      c: { data: dMeans, rowStride: C, columnStride: 1 },
    });
    for (let i = 0; i < dMeans.length; i++) dx.fill(dMeans[i]! / P, i * P, (i + 1) * P);
    counters.cpu(3 * (2 * N * C * K) + 2 * N * C * P + PER_ELEMENT.crossEntropy * N * K);
    clock.charge("classifier");
    return loss;
  }

  loss(x: Float32Array, targets: Tokens): number {
    this.#computeLogits(x);
    const { N } = this.#options;
    return crossEntropyLoss({ logits: this.#logits, targets, rows: N, classes: this.#K });
  }

  /** How many of the labels have the largest logit, after `loss`. */
  correct(targets: Tokens): number {
    const K = this.#K;
    const isCorrect = (target: number, n: number) => {
      const row = this.#logits.subarray(n * K, (n + 1) * K);
      return row.indexOf(Math.max(...row)) === target;
    };
    return Array.from(targets).filter(isCorrect).length;
  }

  #computeLogits(x: Float32Array): void {
    const { parameters, N, C, P } = this.#options;
    const [K, logits, means] = [this.#K, this.#logits, this.#means];
    reduce({ op: "mean", outer: N * C, axis: P, inner: 1, x, out: means });
    for (let n = 0; n < N; n++) logits.set(parameters.bias, n * K);
    gemm({
      m: N,
      n: K,
      k: C,
      a: { data: means, rowStride: C, columnStride: 1 },
      b: { data: parameters.classifier, rowStride: 1, columnStride: C },
      c: { data: logits, rowStride: K, columnStride: 1 },
      beta: 1,
    });
  }
}
