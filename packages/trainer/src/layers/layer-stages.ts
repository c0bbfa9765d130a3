/**
 * The stages of all layers: kernels, the surfaces that they work on, and what follows the parameters. A layer owns what its forward
 * kernel has before it and leaves; surfaces of backward kernels it has in common with the like layers LAYERS_IN_FLIGHT away. In
 * the dynamic pipeline the kernels of a layer share one input surface, in which its parameters lie.
 */
import type { Device, Surface } from "@ane/ane-runtime";
import type { DerivedKernel, TrainingKernels } from "@ane/mil-builder/autodiff";
import { CompilableKernel } from "../compilable-kernel.js";
import { KernelStage, type StageObservers, type StageSurfaces } from "../kernel-stage.js";
import { LAYERS_IN_FLIGHT } from "../residual-block.js";
import { StagedMatrix } from "../staged-matrix.js";
import type { Surfaces } from "../surfaces.js";
import { WeightFile } from "../weight-file.js";
import { WeightMemory } from "../weight-memory.js";
import type { KernelOptions } from "./defined-kernels.js";
import type { LayerStages } from "./layer-block.js";
import type { PlacedLayer } from "./placed-layer.js";

/** Views into an arena, by parameter of a layer. */
export type LayerViews = Readonly<Record<string, Float32Array>>;

export interface StageSetting extends KernelOptions {
  readonly device: Device;
  readonly surfaces: Surfaces;
  readonly observers: StageObservers;
}

export class StageBuilder {
  /** To be compiled, each once. */
  readonly executables: CompilableKernel[] = [];
  /** To be staged after each update. */
  readonly staged: { stage(): void }[] = [];
  readonly #setting: StageSetting;
  readonly #weightMemory = new WeightMemory();
  /** Of the dynamic pipeline, whose kernels serve all like layers. */
  readonly #shared = new Map<DerivedKernel, CompilableKernel>();
  /** Of static forward kernels of which nothing reads the input afterwards. */
  readonly #inputs = new Map<DerivedKernel, Surface>();
  readonly #backward = new Map<DerivedKernel, StageSurfaces[]>();

  constructor(setting: StageSetting) {
    this.#setting = setting;
  }

  /** @param parameters The layer's, in the state. */
  build(
    placed: Pick<PlacedLayer, "index">,
    kernels: TrainingKernels,
    parameters: LayerViews,
  ): LayerStages {
    const { pipeline, surfaces, observers } = this.#setting;
    const { index } = placed;
    const isDynamic = pipeline === "dynamic";
    const input = this.#forwardInput(kernels, isDynamic);
    if (isDynamic) this.#stage(kernels, input, parameters);
    const stage = (kernel: DerivedKernel, io: StageSurfaces) =>
      new KernelStage(kernel, this.#executable(kernel, index, parameters), io, observers, index);
    return {
      forward: stage(kernels.forward, { input, output: surfaces.forOutput(kernels.forward) }),
      backward: kernels.backward.map((kernel) =>
        stage(kernel, this.#backwardSurfaces(kernel, index, isDynamic ? input : undefined)),
      ),
    };
  }

  /** What is not read again may be overwritten by the next layer. */
  #forwardInput(kernels: TrainingKernels, isDynamic: boolean): Surface {
    const { forward } = kernels;
    const { surfaces } = this.#setting;
    if (isDynamic || isReadLater(kernels)) return surfaces.forInput(forward);
    const known = this.#inputs.get(forward) ?? surfaces.forInput(forward);
    this.#inputs.set(forward, known);
    return known;
  }

  /** @param input Of the layer, where its kernels share one. */
  #backwardSurfaces(kernel: DerivedKernel, index: number, input?: Surface): StageSurfaces {
    const { surfaces } = this.#setting;
    const known = this.#backward.get(kernel) ?? [];
    this.#backward.set(kernel, known);
    const own = known[index % LAYERS_IN_FLIGHT] ?? {
      input: input ?? surfaces.forInput(kernel),
      output: surfaces.forOutput(kernel),
    };
    known[index % LAYERS_IN_FLIGHT] = own;
    return input ? { ...own, input } : own;
  }

  #executable(kernel: DerivedKernel, index: number, parameters: LayerViews): CompilableKernel {
    const { device, pipeline, dtype } = this.#setting;
    const known = this.#shared.get(kernel);
    if (known) return known;
    const files = Object.values(kernel.weights).map(
      (slot) => new WeightFile(slot, parameters[slot.parameter]!, dtype, this.#weightMemory),
    );
    const made = new CompilableKernel(device, kernel, `${kernel.name}[${index}]`, files);
    if (pipeline === "dynamic") this.#shared.set(kernel, made);
    this.executables.push(made);
    return made;
  }

  #stage({ forward, backward }: TrainingKernels, surface: Surface, parameters: LayerViews): void {
    const { counters } = this.#setting.observers;
    const all = new Map([forward, ...backward].flatMap(({ staged }) => Object.entries(staged)));
    for (const [name, weight] of all) {
      this.staged.push(new StagedMatrix(surface, weight, parameters[name]!, counters));
    }
  }
}

/** True if the backward pass or a weight gradient reads what went into the forward kernel. */
export function isReadLater({ transfers, weightGradients }: TrainingKernels): boolean {
  const read = [
    ...transfers.map(({ from }) => from),
    ...weightGradients.flatMap((gradient) =>
      gradient.kind === "product" ? [gradient.dy, gradient.x] : [gradient.of],
    ),
  ];
  return read.some(({ kernel, side }) => kernel === "forward" && side === "input");
}
