/**
 * What a kernel should be given, and what it should compute again. Both have a price, and the cheapest choice is a minimum cut: a
 * tensor that is needed must be computed (its op, which needs its operands) or be handed over. Known for networks from PyTorch's
 * min-cut partitioner (functorch).
 */
import type { Operation } from "../../program.js";
import type { OpPrices } from "./device-costs.js";
import { FlowNetwork } from "./min-cut.js";
import type { TrainingGraph } from "./training-graph.js";

/** More than anything costs, ms. */
export const NEVER = 1e9;
/** So that of two choices of one price the one with fewer ops is taken. */
const TIE_MS = 1e-7;

/** What is to be decided. */
export interface FeedProblem {
  readonly graph: TrainingGraph;
  readonly prices: OpPrices;
  /** Tensors that the kernel must have. */
  readonly wanted: readonly string[];
  /** Price of handing a tensor over; NEVER where nobody has it before. */
  readonly handOverMs: (tensor: string) => number;
  /** True for tensors that must not be computed in the kernel. */
  readonly isKept: (tensor: string) => boolean;
}

/** What was decided. */
export interface Feeds {
  /** Tensors handed over. */
  readonly fed: ReadonlySet<string>;
  /** Ops that the kernel does. */
  readonly computed: ReadonlySet<Operation>;
  /** Their price and that of what is handed over. */
  readonly milliseconds: number;
}

/** The cheapest choice; `undefined` if there is none. */
export function chooseFeeds(problem: FeedProblem): Feeds | undefined {
  const { graph, prices, wanted, handOverMs, isKept } = problem;
  const network = new FlowNetwork();
  const [source, sink] = [network.node(), network.node()];
  const needs = new Map<string, number>();
  const computes = new Map<string, number>();
  const works = new Map<Operation, number>();
  const price = (operation: Operation) => prices.of(operation) + TIE_MS;

  const workOf = (operation: Operation): number => {
    const known = works.get(operation);
    if (known !== undefined) return known;
    const work = network.node();
    works.set(operation, work);
    network.edge(work, sink, price(operation));
    for (const tensor of graph.tensorsRead(operation)) network.edge(work, need(tensor), NEVER);
    return work;
  };
  const need = (tensor: string): number => {
    const known = needs.get(tensor);
    if (known !== undefined) return known;
    const [needed, computed] = [network.node(), network.node()];
    needs.set(tensor, needed);
    computes.set(tensor, computed);
    network.edge(needed, computed, handOverMs(tensor));
    const operation = graph.origin(tensor);
    if (operation === undefined || isKept(tensor)) network.edge(computed, sink, NEVER);
    else network.edge(computed, workOf(operation), NEVER);
    return needed;
  };
  for (const tensor of wanted) network.edge(source, need(tensor), NEVER);
  const left = network.sourceSide(source, sink);

  const fed = [...needs].filter(
    ([tensor, node]) => left.has(node) && !left.has(computes.get(tensor)!),
  );
  const computed = [...works].filter(([, node]) => left.has(node));
  const total =
    fed.reduce((sum, [tensor]) => sum + handOverMs(tensor), 0) +
    computed.reduce((sum, [operation]) => sum + price(operation), 0);
  if (total >= NEVER) return undefined;
  return {
    fed: new Set(fed.map(([tensor]) => tensor)),
    computed: new Set(computed.map(([operation]) => operation)),
    milliseconds: total,
  };
}
