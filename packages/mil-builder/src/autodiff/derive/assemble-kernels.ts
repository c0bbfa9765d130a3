/** The result of a derivation: kernels, what goes from where to where, and the plan in words and numbers. */
import { kernelFlops } from "../../kernels/kernel-flops.js";
import type { AnyValue } from "../../program.js";
import { byteSize, staticTypeOf } from "../../tensor-type.js";
import { planProducts } from "./emit-products.js";
import { explain } from "./explain.js";
import { KernelSet } from "./kernel-set.js";
import type { LayerTensors } from "./layer-tensors.js";
import { planKernels } from "./plan-kernels.js";
import type { Split } from "./split-backward.js";
import type {
  DerivedKernel,
  KernelSummary,
  Place,
  SavedValue,
  TrainingKernels,
  Transfer,
  WeightGradient,
} from "./types.js";

/** @param set Of the split's plan. */
export function assembleKernels(
  tensors: LayerTensors,
  split: Split,
  set: KernelSet,
): TrainingKernels {
  const { layer, joint, graph, options } = tensors;
  const products = options.dw === "device" ? planProducts(tensors) : [];
  const kernels = products.length === 0 ? set : new KernelSet(tensors, split.plan, products);
  const forward = kernels.kernel("forward");
  const backward = split.plan.backward.map((_, index) => kernels.kernel(index));
  const all = [forward, ...backward, ...products.map((plan) => kernels.products(plan))];
  const fed = [...split.plan.backward, ...products].map((plan) => plan.fed);
  const places = new Places(tensors, split, fed);
  const ofNames = (names: readonly string[], tensor: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, places.of(tensor(name))]));
  const result = {
    forward,
    backward: all.slice(1),
    transfers: places.transfers(),
    inputs: ofNames(Object.keys(layer.inputs), (name) => graph.tensorOf(name)),
    outputs: ofNames(joint.outputs, (name) => graph.tensorOf(name)),
    seeds: Object.fromEntries(
      [...joint.seeds].map(([output, seed]) => [output, places.ofSeed(graph.tensorOf(seed))]),
    ),
    gradients: ofNames(tensors.asked, (name) => tensors.gradient(name)),
    weightGradients: weightGradients(tensors, places, products, backward.length),
    plan: {
      saved: savedValues(tensors, split),
      recomputed: recomputed(tensors, split),
      kernels: all.map(summary),
      milliseconds: split.plan.milliseconds,
      diagnostics: all.flatMap((kernel) => kernels.diagnostics(kernel)),
    },
  };
  return { ...result, explain: () => explain(layer.name, result) };
}

/** Where tensors lie. */
class Places {
  readonly #tensors: LayerTensors;
  readonly #split: Split;
  /** What the kernels after the forward one are given. */
  readonly #fed: readonly (readonly string[])[];

  constructor(tensors: LayerTensors, split: Split, fed: readonly (readonly string[])[]) {
    this.#tensors = tensors;
    this.#split = split;
    this.#fed = fed;
  }

  /** Where a tensor comes in from outside, or the kernel that returns it. */
  of(tensor: string): Place {
    const { problem } = this.#tensors;
    const { forward, backward } = this.#split.plan;
    const slot = this.#tensors.slotName(tensor);
    if (problem.inputs.includes(tensor)) return { kernel: "forward", side: "input", slot };
    if (problem.seeds.includes(tensor)) return this.ofSeed(tensor)[0]!;
    if (forward.includes(tensor)) return { kernel: "forward", side: "output", slot };
    const kernel = backward.findIndex(({ returned }) => returned.includes(tensor));
    return { kernel, side: "output", slot };
  }

  /** All kernels that are given it; the first only, where they share a surface. */
  ofSeed(tensor: string): readonly Place[] {
    const slot = this.#tensors.slotName(tensor);
    const places = this.#fed.flatMap((fed, kernel): Place[] =>
      fed.includes(tensor) ? [{ kernel, side: "input", slot }] : [],
    );
    return this.#tensors.problem.isShared ? places.slice(0, 1) : places;
  }

  transfers(): readonly Transfer[] {
    const { seeds } = this.#tensors.problem;
    return this.#fed.flatMap((fed, kernel) =>
      fed
        .filter((tensor) => !seeds.includes(tensor) && !this.#isThere(tensor, kernel))
        .map((tensor): Transfer => {
          const slot = this.#tensors.slotName(tensor);
          return { from: this.of(tensor), to: { kernel, side: "input", slot } };
        }),
    );
  }

  /** True if a kernel of the shared surface finds the tensor where an earlier one had it. */
  #isThere(tensor: string, kernel: number): boolean {
    const { isShared, inputs } = this.#tensors.problem;
    if (!isShared) return false;
    return (
      inputs.includes(tensor) || this.#fed.slice(0, kernel).some((fed) => fed.includes(tensor))
    );
  }
}

function weightGradients(
  { forms }: LayerTensors,
  places: Places,
  products: ReturnType<typeof planProducts>,
  backwardKernels: number,
): WeightGradient[] {
  const onDevice = products.flatMap((plan, index) =>
    [...plan.products].map(([slot, { parameter, dy, x }]) => ({
      form: `${dy} ${x}`,
      gradient: {
        parameter,
        kind: "elements",
        of: { kernel: backwardKernels + index, side: "output", slot },
      } satisfies WeightGradient,
    })),
  );
  const all = [...forms].flatMap(([parameter, list]) =>
    list.map((form): WeightGradient => {
      if (form.kind !== "product") return { parameter, kind: form.kind, of: places.of(form.of) };
      const own = onDevice.find(
        (it) => it.gradient.parameter === parameter && it.form === `${form.dy} ${form.x}`,
      );
      if (own) return own.gradient;
      return { parameter, kind: "product", dy: places.of(form.dy), x: places.of(form.x) };
    }),
  );
  return all.sort((a, b) => readyAt(a) - readyAt(b));
}

/** A number that grows with the moment at which the operands are there. */
function readyAt(gradient: WeightGradient): number {
  const parts = gradient.kind === "product" ? [gradient.dy, gradient.x] : [gradient.of];
  const moments = parts.map(({ kernel, side }) =>
    kernel === "forward" ? -1 : 2 * kernel + (side === "input" ? 0 : 1),
  );
  return Math.max(...moments);
}

/** For each, the price of a plan without it tells whether it is worth it. */
function savedValues(tensors: LayerTensors, { plan, kernelOf }: Split): SavedValue[] {
  const { graph, problem } = tensors;
  return plan.forward
    .filter((tensor) => plan.backward.some(({ fed }) => fed.includes(tensor)))
    .map((tensor) => {
      const isAsked = problem.save.has(tensor);
      const recompute = new Set([...problem.recompute, tensor]);
      const other = isAsked
        ? undefined
        : planKernels({ ...problem, recompute }, plan.backward.length, kernelOf);
      return {
        name: tensors.slotName(tensor),
        bytes: graph.bytes(tensor),
        readBy: plan.backward.flatMap(({ fed }, kernel) => (fed.includes(tensor) ? [kernel] : [])),
        savedMs: isAsked
          ? Number.NaN
          : (other?.milliseconds ?? Number.POSITIVE_INFINITY) - plan.milliseconds,
      };
    });
}

function recomputed({ joint }: LayerTensors, { plan }: Split): string[] {
  const forward = new Set(joint.forwardNames);
  const names = plan.backward.flatMap(({ feeds }) =>
    [...feeds.computed].flatMap(({ outputs }) => outputs.map((value) => value.name)),
  );
  return [...new Set(names)].filter((name) => forward.has(name));
}

function summary({ name, program }: DerivedKernel): KernelSummary {
  const [main] = program.functions;
  const bytes = (values: readonly AnyValue[]) =>
    values.reduce((sum, value) => sum + byteSize(staticTypeOf(value)), 0);
  return {
    name,
    ops: main!.operations.filter(({ type }) => type !== "const").length,
    flops: kernelFlops({ program }),
    inputBytes: bytes(main!.inputs),
    outputBytes: bytes(main!.outputs),
  };
}
