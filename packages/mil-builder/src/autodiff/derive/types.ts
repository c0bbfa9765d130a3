/**
 * What goes into `deriveTraining` and what comes out. S = sequence length; activations are [1, C, 1, S], and every tensor that
 * crosses a kernel's border is rows of S elements.
 */
import type { FunctionBuilder } from "../../builder.js";
import type { Kernel, StagedWeight, WeightSlot } from "../../kernel.js";
import type { ConstantBlob } from "../../kernels/constant-blob.js";
import type { Opset, Value } from "../../program.js";
import type { Chip, Diagnostic } from "../../verify/diagnostic.js";
import type { Rules } from "../vjp.js";
import type { DeviceCosts } from "./device-costs.js";

/** A parameter of a layer by its shape: [out, in] is a matrix, [C] a vector, other ranks are kernels of general convolutions. */
export interface ParameterShape {
  readonly shape: readonly number[];
}

type Values<Name extends string> = Readonly<Record<Name, Value>>;

/** The forward pass of a layer as MIL, and what it works with. */
export interface LayerDefinition<
  Input extends string = string,
  Output extends string = string,
  Parameter extends string = string,
  Constant extends string = string,
> {
  /** Of the kernels: `<name>Fwd`, `<name>Bwd`. */
  readonly name: string;
  /** Channels of each activation, [1, C, 1, S]. */
  readonly inputs: Readonly<Record<Input, number>>;
  readonly parameters: Readonly<Record<Parameter, ParameterShape>>;
  /** Tables that the layer brings along, such as masks. */
  readonly constants?: Readonly<Record<Constant, ConstantBlob>>;
  /**
   * The formula. A matrix [out, in] comes as [out, in, 1, 1] (static) or [1, 1, out, in] (dynamic) and is multiplied with `project`; a
   * vector [C] comes as [1, C, 1, 1]; parameters of other ranks as they are. The outputs are rows of S elements, [1, C, 1, S]. Names
   * that the ops are given are the names by which `save`, `recompute` and `cutAfter` refer to values.
   */
  forward(
    f: FunctionBuilder,
    inputs: Values<Input>,
    parameters: Values<Parameter>,
    constants: Values<Constant>,
  ): Values<Output>;
}

/** How the kernels are to be. */
export interface DeriveOptions {
  /** S, a multiple of 32. */
  readonly seqLen: number;
  /** "static": parameters are constants of the kernels. "dynamic": they lie beside the activations in the input surface. */
  readonly pipeline: "static" | "dynamic";
  /** Of every tensor. Default "fp16". */
  readonly dtype?: "fp16" | "fp32";
  /** Default: "ios16" for M1 and M2, which read nothing newer, "ios18" otherwise. */
  readonly opset?: Opset;
  /**
   * Kernels are split until the verifier finds no error for it, and refused where that does not help. Default: the rules of all chips,
   * and nothing is refused: another device may run what the engine lacks.
   */
  readonly chip?: Chip;
  /** "surface": one input and one output surface each. "ports": every tensor a port of its own (static only). Default "surface". */
  readonly packing?: "surface" | "ports";
  /** "device": products of weight gradients are kernels, too, where rows of `in` fill 64-byte lines. Default "cpu". */
  readonly dw?: "cpu" | "device";
  /** Values whose gradients the backward kernels return. Default: all inputs. */
  readonly gradients?: readonly string[];
  /** Parameters whose gradients are not computed. Default: none. */
  readonly frozen?: readonly string[];
  /** Values that the forward kernel hands to the backward kernels, whatever that costs. */
  readonly save?: readonly string[];
  /** Values that are not handed over. */
  readonly recompute?: readonly string[];
  /** A backward kernel ends where the gradients of these values are there; one list per cut. Default: as few kernels as the rules allow. */
  readonly cutAfter?: readonly (readonly string[])[];
  /** Prices by which saving and recomputing are weighed. Default: those of an M3. */
  readonly costs?: Partial<DeviceCosts>;
  /** Gradient rules in place of or beside those of the table, by op type. */
  readonly rules?: Rules;
}

/** A weight file of a derived kernel; several may be made of one parameter. */
export interface DerivedWeight extends WeightSlot {
  readonly parameter: string;
}

/** A kernel of the layer. Its only ports are "x" and "out", unless packing is "ports". */
export interface DerivedKernel extends Kernel {
  readonly weights: Readonly<Record<string, DerivedWeight>>;
  /**
   * Parameters in the input surface, by name, of the dynamic pipeline: a matrix as [1, rows, 1, columns], a vector as [1, C, 1, 1].
   * All kernels of the layer that have them have them in the same place.
   */
  readonly staged: Readonly<Record<string, StagedWeight>>;
}

/** A tensor at the border of a kernel: of the forward one, or of the backward kernel of that index. */
export interface Place {
  readonly kernel: "forward" | number;
  readonly side: "input" | "output";
  readonly slot: string;
}

/** A copy that is due before the backward kernel `to.kernel` runs. */
export interface Transfer {
  readonly from: Place;
  readonly to: Place;
}

/** How the gradient of a parameter follows from tensors at the borders of kernels. */
export type WeightGradient =
  /** A matrix: dW[out, in] += dy[out, S] · x[in, S]ᵀ. */
  | {
      readonly parameter: string;
      readonly kind: "product";
      readonly dy: Place;
      readonly x: Place;
    }
  /** A vector: db[c] += Σ_s of[c, s]. */
  | { readonly parameter: string; readonly kind: "rowSums"; readonly of: Place }
  /** Any shape: the gradient's elements in row-major order are the first ones of the slot. */
  | { readonly parameter: string; readonly kind: "elements"; readonly of: Place };

/** A value of the forward pass that backward kernels are given. */
export interface SavedValue {
  readonly name: string;
  readonly bytes: number;
  /** Indices of the backward kernels that read it. */
  readonly readBy: readonly number[];
  /** By how much the cheapest plan without it would be dearer; NaN where it was asked for, infinite where there is none. */
  readonly savedMs: number;
}

/** One of the kernels in numbers. */
export interface KernelSummary {
  readonly name: string;
  readonly ops: number;
  readonly flops: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** What was chosen. */
export interface TrainingPlan {
  readonly saved: readonly SavedValue[];
  /** Values of the forward pass that backward kernels compute again. */
  readonly recomputed: readonly string[];
  readonly kernels: readonly KernelSummary[];
  /** What one forward and backward is priced at, ms. */
  readonly milliseconds: number;
  /** Findings of the verifier in all kernels. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The kernels that train a layer. */
export interface TrainingKernels {
  readonly forward: DerivedKernel;
  /** In the order in which they run. */
  readonly backward: readonly DerivedKernel[];
  readonly transfers: readonly Transfer[];
  /** Where the layer's inputs go in: slots of the forward kernel under the inputs' names. */
  readonly inputs: Readonly<Record<string, Place>>;
  readonly outputs: Readonly<Record<string, Place>>;
  /** Where the gradient of each output goes in, perhaps in several kernels. */
  readonly seeds: Readonly<Record<string, readonly Place[]>>;
  /** Where the gradients asked for come out. */
  readonly gradients: Readonly<Record<string, Place>>;
  /** In the order in which their operands are there. */
  readonly weightGradients: readonly WeightGradient[];
  readonly plan: TrainingPlan;
  /** The plan as text. */
  explain(): string;
}
