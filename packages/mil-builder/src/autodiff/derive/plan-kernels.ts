/**
 * Which kernel computes what: the backward pass in one kernel or several, what each is given, and so what those before it return.
 * Kernels are planned from the last to the first, as a kernel returns what the later ones want of it.
 */
import type { Operation } from "../../program.js";
import { chooseFeeds, type Feeds, NEVER } from "./choose-feeds.js";
import type { DeviceCosts, OpPrices } from "./device-costs.js";
import type { TrainingGraph } from "./training-graph.js";

/** What is to be computed, in tensors. */
export interface PlanProblem {
  readonly graph: TrainingGraph;
  readonly costs: DeviceCosts;
  readonly prices: OpPrices;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly seeds: readonly string[];
  /** That the backward kernels return, or that one of them is given if it is a seed. */
  readonly wanted: readonly string[];
  /** That the forward kernel returns beside its outputs. */
  readonly taps: readonly string[];
  readonly save: ReadonlySet<string>;
  readonly recompute: ReadonlySet<string>;
  /** Gradients that later kernels are given, even where computing them again would cost less. */
  readonly handedOn: ReadonlySet<string>;
  /** True where kernels share one input surface: what one of them was given, the others have. */
  readonly isShared: boolean;
}

/** A backward kernel in tensors and ops. */
export interface BackwardPlan {
  readonly fed: readonly string[];
  readonly returned: readonly string[];
  readonly feeds: Feeds;
}

/** All kernels of a layer. */
export interface KernelsPlan {
  /** Tensors that the forward kernel returns, its outputs first. */
  readonly forward: readonly string[];
  readonly backward: readonly BackwardPlan[];
  /** Price of the backward kernels and of what they are given. */
  readonly milliseconds: number;
}

/**
 * @param kernelOf Index of the backward kernel that does an op; operands of an op are never of a later one.
 * @returns undefined where a tensor would have to cross that cannot.
 */
export function planKernels(
  problem: PlanProblem,
  count: number,
  kernelOf: (operation: Operation) => number,
): KernelsPlan | undefined {
  const { graph, costs, inputs, outputs, seeds, taps, save, recompute, isShared } = problem;
  const forward = new Set([...outputs, ...taps]);
  const returned = Array.from({ length: count }, () => new Set<string>());
  const loose: string[] = [];
  for (const tensor of problem.wanted) {
    const operation = graph.origin(tensor);
    if (operation === undefined) loose.push(tensor);
    else returned[kernelOf(operation)]!.add(tensor);
  }
  // Where all gradients are those of the outputs, a kernel that hands them on keeps their place.
  if (returned.every(({ size }) => size === 0))
    for (const tensor of seeds) returned[0]!.add(tensor);
  const handed = new Set<string>();
  const seconds = (bytes: number, rate: number) => (1e3 * bytes) / rate;
  const handOver = (tensor: string, kernel: number): number => {
    if (graph.rows(tensor) === undefined) return NEVER;
    const bytes = graph.bytes(tensor);
    const [port, copy] = [seconds(bytes, costs.portBytes), seconds(2 * bytes, costs.copyBytes)];
    if (seeds.includes(tensor)) return port;
    if (inputs.includes(tensor)) return isShared ? 0 : costs.handOverMs + port + copy;
    if (recompute.has(tensor)) return NEVER;
    const operation = graph.origin(tensor)!;
    const isGradient = graph.isFromSeeds(tensor);
    const from = isGradient ? kernelOf(operation) : -1;
    if (from >= kernel) return NEVER;
    if (isShared && handed.has(tensor)) return 0;
    const returns = isGradient ? returned[from]! : forward;
    return costs.handOverMs + copy + port + (returns.has(tensor) ? 0 : port);
  };
  const isOfEarlier = (tensor: string, kernel: number) => {
    const operation = problem.handedOn.has(tensor) ? graph.origin(tensor) : undefined;
    return (
      operation !== undefined && graph.rows(tensor) !== undefined && kernelOf(operation) < kernel
    );
  };
  const backward: BackwardPlan[] = [];
  let milliseconds = 0;
  for (let kernel = count - 1; kernel >= 0; kernel--) {
    const own = returned[kernel]!;
    const feeds = chooseFeeds({
      graph,
      prices: problem.prices,
      wanted: [...own],
      handOverMs: (tensor) => handOver(tensor, kernel),
      isKept: (tensor) => save.has(tensor) || isOfEarlier(tensor, kernel),
    });
    if (feeds === undefined) return undefined;
    const fed = new Set(feeds.fed);
    if (kernel === 0) for (const tensor of loose) if (!seeds.includes(tensor)) fed.add(tensor);
    for (const tensor of fed) {
      const isInput = inputs.includes(tensor) || seeds.includes(tensor);
      if (!isInput && !graph.isFromSeeds(tensor)) forward.add(tensor);
      if (!isInput && graph.isFromSeeds(tensor)) {
        returned[kernelOf(graph.origin(tensor)!)]!.add(tensor);
      }
      handed.add(tensor);
    }
    milliseconds += costs.dispatchMs + feeds.milliseconds;
    for (const tensor of own) milliseconds += seconds(graph.bytes(tensor), costs.portBytes);
    backward.unshift({ fed: ordered(graph, fed, seeds), returned: [], feeds });
  }
  const isSeedKnown = (seed: string) => backward.some(({ fed }) => fed.includes(seed));
  const missing = seeds.filter((seed) => loose.includes(seed) && !isSeedKnown(seed));
  return {
    forward: [...outputs, ...ordered(graph, forward, []).filter((t) => !outputs.includes(t))],
    backward: backward.map((plan, kernel) => {
      const fed = kernel === 0 ? [...missing, ...plan.fed] : plan.fed;
      const own = ordered(graph, returned[kernel]!, problem.wanted);
      // Where all gradients are seeds, nothing is computed; but a kernel has an output.
      return { ...plan, fed, returned: own.length === 0 ? fed : own };
    }),
    milliseconds,
  };
}

/** Those of `first` in their order, then the others in the order in which they are computed. */
function ordered(
  graph: TrainingGraph,
  tensors: ReadonlySet<string>,
  first: readonly string[],
): readonly string[] {
  const position = (tensor: string) => {
    const operation = graph.origin(tensor);
    return operation === undefined ? -1 : graph.position(operation);
  };
  const others = [...tensors].filter((tensor) => !first.includes(tensor));
  return [
    ...first.filter((tensor) => tensors.has(tensor)),
    ...others.sort((a, b) => position(a) - position(b)),
  ];
}
