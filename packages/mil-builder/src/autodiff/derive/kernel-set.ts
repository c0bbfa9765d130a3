/** The kernels of a plan, made when they are asked for, and what the verifier says of them. */
import type { Diagnostic } from "../../verify/diagnostic.js";
import { verify } from "../../verify/verify.js";
import { type EmitSetting, emitKernel } from "./emit-kernel.js";
import { emitProducts, type ProductsPlan } from "./emit-products.js";
import type { LayerTensors } from "./layer-tensors.js";
import type { KernelsPlan } from "./plan-kernels.js";
import { surfaceLayout } from "./surface-layout.js";
import type { DerivedKernel } from "./types.js";

/** Warnings about a kernel's surfaces: fewer tensors in them may help. Others stay warnings. */
const OF_SURFACES = ["channels", "extent"];

export class KernelSet {
  readonly #tensors: LayerTensors;
  readonly #plan: KernelsPlan;
  readonly #setting: EmitSetting;
  readonly #made = new Map<"forward" | number, DerivedKernel>();

  /** @param products Kernels of weight gradients, whose operands have slots, too. */
  constructor(tensors: LayerTensors, plan: KernelsPlan, products: readonly ProductsPlan[] = []) {
    const { graph, layer, joint, options, problem } = tensors;
    const { pipeline, seqLen, dtype = "fp16", packing = "surface" } = options;
    const slotName = (tensor: string) => tensors.slotName(tensor);
    const fed = [
      ...problem.inputs,
      ...plan.backward.flatMap((kernel) => kernel.fed),
      ...products.flatMap((kernel) => kernel.fed),
    ];
    const channels = new Map(fed.map((tensor) => [slotName(tensor), graph.rows(tensor)!]));
    this.#tensors = tensors;
    this.#plan = plan;
    this.#setting = {
      graph,
      layer,
      header: joint.header,
      dtype,
      packing,
      layout:
        pipeline === "dynamic" ? surfaceLayout(seqLen, channels, layer.parameters) : undefined,
      slotName,
    };
  }

  kernel(of: "forward" | number): DerivedKernel {
    let kernel = this.#made.get(of);
    if (kernel === undefined) {
      kernel = this.#make(of);
      this.#made.set(of, kernel);
    }
    return kernel;
  }

  products(plan: ProductsPlan): DerivedKernel {
    return emitProducts(this.#setting, plan);
  }

  /** What must not be: errors, and surfaces that are too large. */
  findings(of: "forward" | number): readonly Diagnostic[] {
    return this.diagnostics(this.kernel(of)).filter(
      ({ severity, rule }) => severity === "error" || OF_SURFACES.includes(rule),
    );
  }

  diagnostics({ program }: DerivedKernel): readonly Diagnostic[] {
    const { chip } = this.#tensors.options;
    return verify(program, chip === undefined ? {} : { chip });
  }

  #make(of: "forward" | number): DerivedKernel {
    const { layer, problem } = this.#tensors;
    const { forward, backward } = this.#plan;
    if (of === "forward") {
      const name = `${layer.name}Fwd`;
      return emitKernel(this.#setting, { name, fed: problem.inputs, returned: forward });
    }
    const { fed, returned } = backward[of]!;
    const name = `${layer.name}Bwd${backward.length === 1 ? "" : of + 1}`;
    return emitKernel(this.#setting, { name, fed, returned });
  }
}
