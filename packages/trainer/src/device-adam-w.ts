/**
 * AdamW on the device: the arena in tiles of C · W parameters, one evaluation of one kernel each. The state stays fp32 in the
 * arena, so checkpoints and exact resume are as ever; a tile's numbers cross as halves, a parameter and the root of its second
 * moment as two (see the kernel, mil-builder's adam-w.ts). N = parameters of the model.
 */
import { allFinite, axpy, scale, sub, sumOfSquares, toFloat, toHalf } from "@ane/accel-ops";
import { type Device, readSlot, type Surface, writeSlot } from "@ane/ane-runtime";
import { ADAM_W_REST, type AdamWInput, type AdamWOutput, adamW } from "@ane/mil-builder";
import { CompilableKernel } from "./compilable-kernel.js";
import { DivergedError } from "./errors.js";
import { tapBytes } from "./kernel-stage.js";
import type { StepCounters } from "./step-counters.js";
import { Surfaces } from "./surfaces.js";

/** C and W: 512 KiB of halves per tensor, a few megabytes per surface; a smaller model has fewer channels. */
const LARGEST_CHANNELS = 512;
const COLUMNS = 512;

/** Typical size of a scaled gradient: room for ones ten thousand times larger, which a half's increments still hold. */
const TYPICAL = 2 ** -2;
/** Smallest half. */
const TINY = 2 ** -24;

export interface DeviceAdamWOptions {
  readonly device: Device;
  readonly counters: StepCounters;
  readonly dtype: "fp16" | "fp32";
  readonly beta1: number;
  readonly beta2: number;
  /** N */
  readonly parameters: number;
  /** False: a parameter and its moments are a half each, to see what that loses. */
  readonly pairs: boolean;
}

/** Parts of the arena, of one length. */
export interface AdamWSlices {
  readonly parameters: Float32Array;
  /** As they were summed up; read only. */
  readonly gradients: Float32Array;
  readonly firstMoment: Float32Array;
  /** The root of the second moment, which AdamW on the CPU keeps itself. */
  readonly rootMoment: Float32Array;
}

export interface AdamWStep {
  readonly learningRate: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** t, from 1. */
  readonly step: number;
  readonly gradientScale: number;
  /** Power of two that gradients and moments cross the surface with, from `momentScale`. */
  readonly momentScale: number;
}

export class DeviceAdamW implements Disposable {
  readonly #options: DeviceAdamWOptions;
  readonly #kernel: ReturnType<typeof adamW>;
  readonly #executable: CompilableKernel;
  readonly #surfaces: Surfaces;
  readonly #input: Surface;
  readonly #output: Surface;
  /** Of a tile, [C · W] each. */
  readonly #values: Float32Array;
  readonly #rest: Float32Array;
  readonly #half: Uint16Array;
  readonly #row = new Float32Array(COLUMNS);

  constructor(options: DeviceAdamWOptions) {
    const { device, dtype, beta1, beta2, parameters } = options;
    const channels = Math.min(LARGEST_CHANNELS, Math.ceil(parameters / COLUMNS));
    const kernel = adamW({ channels, columns: COLUMNS, beta1, beta2, dtype });
    this.#options = options;
    this.#kernel = kernel;
    this.#executable = new CompilableKernel(device, kernel);
    this.#surfaces = new Surfaces(device);
    this.#input = this.#surfaces.forInput(kernel);
    this.#output = this.#surfaces.forOutput(kernel);
    this.#values = new Float32Array(channels * COLUMNS);
    this.#rest = new Float32Array(channels * COLUMNS);
    this.#half = new Uint16Array(channels * COLUMNS);
  }

  /** Compilations that the next `prepare()` needs. */
  get compilationsNeeded(): number {
    return this.#executable.compiled ? 0 : 1;
  }

  /** @returns Kernels compiled. @throws CompileError, BudgetError */
  prepare(): number {
    const needed = this.compilationsNeeded;
    if (needed > 0) this.#executable.compile();
    return needed;
  }

  /**
   * The scale that makes a typical gradient 2^-2: from the moments, or in the first update, which has none, from the gradient.
   * @param rootMoment [N] @param gradientNorm Of the update, after clipping.
   */
  momentScale(rootMoment: Float32Array, gradientNorm: number): number {
    const ofMoments = Math.sqrt(sumOfSquares(rootMoment));
    const norm = ofMoments > 0 ? ofMoments : gradientNorm;
    if (norm === 0) return 1;
    return 2 ** Math.round(Math.log2((TYPICAL * Math.sqrt(rootMoment.length)) / norm));
  }

  /** Updates parameters and moments in place. @throws DivergedError where a half overflows; EvaluationError */
  update(slices: AdamWSlices, step: AdamWStep): void {
    this.#writeCoefficients(step);
    const { length } = slices.parameters;
    const tile = this.#values.length;
    for (let start = 0; start < length; start += tile) {
      const end = Math.min(start + tile, length);
      const part = (of: Float32Array) => of.subarray(start, end);
      this.#updateTile(
        {
          parameters: part(slices.parameters),
          gradients: part(slices.gradients),
          firstMoment: part(slices.firstMoment),
          rootMoment: part(slices.rootMoment),
        },
        step,
      );
    }
  }

  #updateTile(tile: AdamWSlices, { gradientScale, momentScale }: AdamWStep): void {
    const { parameters, gradients, firstMoment, rootMoment } = tile;
    this.#writePair("w", "wRest", parameters, 1, ADAM_W_REST.weight);
    this.#write("m", firstMoment, momentScale);
    this.#writePair("u", "uRest", rootMoment, momentScale, ADAM_W_REST.root);
    this.#write("g", gradients, gradientScale * momentScale);
    this.#executable.evaluate({ x: this.#input, out: this.#output });
    this.#options.counters.dispatch(this.#executable.flops);
    this.#readPair("w", "wRest", parameters, 1, ADAM_W_REST.weight);
    this.#read("m", firstMoment, 1 / momentScale);
    this.#readPair("u", "uRest", rootMoment, 1 / momentScale, ADAM_W_REST.root);
    if (allFinite(parameters) && allFinite(firstMoment) && allFinite(rootMoment)) return;
    throw new DivergedError(
      `optimizer: an update on the device must stay within fp16, got infinite moments at a scale of ${momentScale}. Gradients differ too much in size: clip them, or use the optimizer of the CPU.`,
    );
  }

  /** Rate and decay are those of the weight's rest, which is larger than what it stands for. */
  #writeCoefficients({ learningRate, epsilon, weightDecay, step, momentScale }: AdamWStep): void {
    const { beta1, beta2 } = this.#options;
    const correction = Math.sqrt(1 - beta2 ** step);
    const rate = (learningRate * correction) / (1 - beta1 ** step);
    const floor = Math.max(epsilon * correction * momentScale, TINY);
    this.#fill("rate", rate * ADAM_W_REST.weight);
    this.#fill("decay", learningRate * weightDecay * ADAM_W_REST.weight);
    this.#fill("floor", floor);
  }

  #fill(slot: "rate" | "decay" | "floor", value: number): void {
    this.#store(slot, this.#row.fill(value));
  }

  /** What the tile leaves over of the slot is zero, which stays so. */
  #write(slot: AdamWInput, source: Float32Array, factor: number): void {
    const values = this.#values.fill(0, source.length);
    values.set(source);
    if (factor !== 1) scale(values, factor);
    this.#store(slot, values);
  }

  #writePair(
    slot: AdamWInput,
    restSlot: AdamWInput,
    source: Float32Array,
    factor: number,
    restScale: number,
  ): void {
    this.#write(slot, source, factor);
    const { dtype, pairs } = this.#options;
    if (pairs && dtype === "fp16") {
      toHalf(this.#values, this.#half);
      toFloat(this.#half, this.#rest);
      sub(this.#values, this.#rest, this.#rest);
      scale(this.#rest, restScale);
    } else {
      this.#rest.fill(0);
    }
    this.#store(restSlot, this.#rest);
  }

  #read(slot: AdamWOutput, target: Float32Array, factor: number): void {
    this.#load(slot, this.#values);
    if (factor !== 1) scale(this.#values, factor);
    target.set(this.#values.subarray(0, target.length));
  }

  #readPair(
    slot: AdamWOutput,
    restSlot: AdamWOutput,
    target: Float32Array,
    factor: number,
    restScale: number,
  ): void {
    this.#load(slot, this.#values);
    if (this.#options.pairs) {
      this.#load(restSlot, this.#rest);
      axpy(1 / restScale, this.#rest, this.#values);
    }
    if (factor !== 1) scale(this.#values, factor);
    target.set(this.#values.subarray(0, target.length));
  }

  #store(slot: AdamWInput, source: Float32Array): void {
    const tap = { surface: this.#input, slot: this.#kernel.inputs[slot] };
    writeSlot(tap.surface, tap.slot, source);
    this.#options.counters.convertTo(tapBytes(tap));
  }

  #load(slot: AdamWOutput, target: Float32Array): void {
    const tap = { surface: this.#output, slot: this.#kernel.outputs[slot] };
    readSlot(tap.surface, tap.slot, target);
    this.#options.counters.convertFrom(tapBytes(tap));
  }

  [Symbol.dispose](): void {
    this.#executable.release();
    this.#surfaces[Symbol.dispose]();
  }
}
