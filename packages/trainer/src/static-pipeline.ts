/**
 * The static pipeline: weights are constants of the kernels, which are compiled anew after each update. A micro-step is one
 * forward and backward of one sequence: the device computes the layers forward and all dx inside them, the CPU the residual
 * stream in fp32, RMSNorm backward, the classifier and, behind the device's work, every dW.
 * Streams are channel-first [D, S].
 */
import { add, embeddingGather, embeddingScatterAdd, rmsNormBackward } from "@ane/accel-ops";
import type { Device } from "@ane/ane-runtime";
import { kernelConfig, Parameters } from "@ane/llama-model";
import { llamaKernels } from "@ane/mil-builder";
import { ClassifierHead } from "./classifier-head.js";
import { createLayerStages, createSharedSurfaces, type LayerStages } from "./layer-stages.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./state-file.js";
import type { StepClock } from "./step-clock.js";
import { Surfaces } from "./surfaces.js";
import { WeightGradients } from "./weight-gradients.js";

type Tokens = Uint16Array | Uint32Array;

interface Layer {
  readonly stages: LayerStages;
  /** Residual stream before attention and before the feed-forward part, kept for RMSNorm backward. */
  readonly xAttention: Float32Array;
  readonly xFFN: Float32Array;
}

export class StaticPipeline implements Disposable {
  readonly #parameters: Parameters;
  readonly #gradients: Parameters;
  readonly #lossScale: number;
  readonly #surfaces: Surfaces;
  readonly #layers: readonly Layer[];
  readonly #weightGradients = new WeightGradients();
  readonly #head: ClassifierHead;
  /** What all calls of RMSNorm have in common. */
  readonly #norm: { rows: number; dim: number; eps: number; layout: "channelFirst" };
  /** The stream after the last layer; the gradient of the stream; a tensor on its way between kernel and stream. */
  readonly #xFinal: Float32Array;
  readonly #dx: Float32Array;
  readonly #scratch: Float32Array;

  constructor(device: Device, { model, seq: S, numerics, lossScale }: Recipe, state: RunState) {
    const kernels = llamaKernels(kernelConfig(model, { seqLen: S, dtype: numerics }));
    const surfaces = new Surfaces(device);
    const shared = createSharedSurfaces(surfaces, kernels);
    const setting = { device, kernels, surfaces, shared, dtype: numerics };
    const stream = () => new Float32Array(model.dim * S);
    this.#surfaces = surfaces;
    this.#parameters = new Parameters(model, state.parameters);
    this.#gradients = new Parameters(model, state.gradients);
    this.#lossScale = lossScale;
    this.#layers = Array.from({ length: model.layers }, (_, l) => {
      const parameters = this.#parameters.layer(l);
      const stages = createLayerStages(setting, parameters, l);
      return { stages, xAttention: stream(), xFFN: stream() };
    });
    this.#head = new ClassifierHead(this.#parameters, this.#gradients, this.#weightGradients, S);
    this.#norm = { rows: S, dim: model.dim, eps: model.normEps, layout: "channelFirst" };
    this.#xFinal = stream();
    this.#dx = stream();
    this.#scratch = stream();
  }

  /** Compilations that the next `compile()` needs: all kernels at first, later those with weights. */
  get compilationsNeeded(): number {
    return this.#stagesToCompile().length;
  }

  /** Compiles what the parameters shape. @returns Kernels compiled. @throws CompileError, BudgetError */
  compile(): number {
    const stages = this.#stagesToCompile();
    for (const stage of stages) stage.release(); // before any weight file changes
    for (const stage of stages) stage.compile();
    return stages.length;
  }

  /**
   * Adds the gradients of one sequence, times lossScale, to the state's.
   * @param tokens [S]
   * @param targets [S]
   * @returns Mean loss, nats per token.
   */
  microStep(tokens: Tokens, targets: Tokens, clock: StepClock): number {
    const { dim, layout } = this.#norm;
    const [table, dTable] = [this.#parameters.tokenEmbedding, this.#gradients.tokenEmbedding];
    embeddingGather({ table, tokens, out: this.#streamInto(0), dim, layout });
    clock.charge("elementwise");
    this.#layers.forEach((layer, l) => {
      this.#forwardAttention(layer, clock);
      this.#forwardFFN(layer, this.#streamInto(l + 1), clock);
    });

    const [x, dx] = [this.#xFinal, this.#dx];
    const loss = this.#head.forwardBackward(x, targets, dx, this.#lossScale, clock);

    for (let l = this.#layers.length - 1; l >= 0; l--) {
      this.#backwardFFN(l, clock);
      this.#backwardAttention(l, clock);
    }
    this.#weightGradients.wait();
    clock.charge("weightGradient");
    embeddingScatterAdd({ dTable, tokens, dx, dim, layout });
    clock.charge("elementwise");
    return loss;
  }

  /** The stream that layer `l` reads; after the last layer, the one that the head reads. */
  #streamInto(l: number): Float32Array {
    return this.#layers[l]?.xAttention ?? this.#xFinal;
  }

  /** xFFN = xAttention + attention(xAttention) */
  #forwardAttention({ stages: { fwdAttn }, xAttention, xFFN }: Layer, clock: StepClock): void {
    fwdAttn.write("x", xAttention);
    clock.charge("conversion");
    fwdAttn.evaluate();
    clock.charge("device");
    fwdAttn.read("o", this.#scratch);
    clock.charge("conversion");
    add(xAttention, this.#scratch, xFFN);
    clock.charge("elementwise");
  }

  /** out = xFFN + ffn(xFFN) */
  #forwardFFN({ stages: { fwdFFN }, xFFN }: Layer, out: Float32Array, clock: StepClock): void {
    fwdFFN.write("x", xFFN);
    clock.charge("conversion");
    fwdFFN.evaluate();
    clock.charge("device");
    fwdFFN.read("y", this.#scratch);
    clock.charge("conversion");
    add(xFFN, this.#scratch, out);
    clock.charge("elementwise");
  }

  /** dx += the gradient through the feed-forward part of layer `l`. */
  #backwardFFN(l: number, clock: StepClock): void {
    const { stages, xFFN } = this.#layers[l]!;
    const { fwdFFN, ffnBwd } = stages;
    const [weights, gradients] = [this.#parameters.layer(l), this.#gradients.layer(l)];

    ffnBwd.write("dy", this.#dx);
    ffnBwd.copy("h1", fwdFFN.output("h1"));
    ffnBwd.copy("h3", fwdFFN.output("h3"));
    clock.charge("conversion");
    this.#weightGradients.add(gradients.w2, ffnBwd.input("dy"), fwdFFN.output("gate"));
    clock.charge("weightGradient");
    ffnBwd.evaluate();
    clock.charge("device");
    this.#weightGradients.add(gradients.w1, ffnBwd.output("dh1"), fwdFFN.output("xn"));
    this.#weightGradients.add(gradients.w3, ffnBwd.output("dh3"), fwdFFN.output("xn"));
    clock.charge("weightGradient");
    ffnBwd.read("dx", this.#scratch);
    clock.charge("conversion");
    this.#normBackward(xFFN, weights.ffnNorm, gradients.ffnNorm);
    clock.charge("elementwise");
  }

  /** dx += the gradient through the attention part of layer `l`. */
  #backwardAttention(l: number, clock: StepClock): void {
    const { stages, xAttention } = this.#layers[l]!;
    const { fwdAttn, sdpaBwd1, sdpaBwd2, qkvBwd } = stages;
    const [weights, gradients] = [this.#parameters.layer(l), this.#gradients.layer(l)];

    sdpaBwd1.write("do", this.#dx);
    for (const tap of ["q", "k", "v"] as const) sdpaBwd1.copy(tap, fwdAttn.output(tap));
    clock.charge("conversion");
    this.#weightGradients.add(gradients.wo, sdpaBwd1.input("do"), fwdAttn.output("a"));
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
    this.#weightGradients.add(gradients.wq, qkvBwd.input("dq"), fwdAttn.output("xn"));
    this.#weightGradients.add(gradients.wk, qkvBwd.input("dk"), fwdAttn.output("xn"));
    this.#weightGradients.add(gradients.wv, qkvBwd.input("dv"), fwdAttn.output("xn"));
    clock.charge("weightGradient");
    qkvBwd.evaluate();
    clock.charge("device");
    qkvBwd.read("dx", this.#scratch);
    clock.charge("conversion");
    this.#normBackward(xAttention, weights.attentionNorm, gradients.attentionNorm);
    clock.charge("elementwise");
  }

  /** dx += RMSNorm's gradient of the scratch tensor at x; the stream itself carries dx past the norm. */
  #normBackward(x: Float32Array, weight: Float32Array, dWeight: Float32Array): void {
    const [dOut, dx] = [this.#scratch, this.#dx];
    rmsNormBackward({ ...this.#norm, x, weight, dOut, dx, dWeight, accumulate: true });
  }

  #stages() {
    return this.#layers.flatMap(({ stages }) => Object.values(stages));
  }

  #stagesToCompile() {
    return this.#stages().filter((stage) => stage.hasWeights || !stage.compiled);
  }

  [Symbol.dispose](): void {
    this.#weightGradients[Symbol.dispose]();
    for (const stage of this.#stages()) stage.release();
    this.#surfaces[Symbol.dispose]();
  }
}
