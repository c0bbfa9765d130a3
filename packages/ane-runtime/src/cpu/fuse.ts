/**
 * Groups elementwise ops that can run as one pass over their elements.
 *
 * Before: sg = sigmoid(h1); si = mul(h1, sg); gate = mul(si, h3)       three passes, two intermediate tensors
 * After:  { sg, si, gate }                                             one pass; si and sg stay in registers
 *
 * Members have one shape and one kind of rounding, so nothing is computed twice: a member that is also read outside
 * the group is stored as a further output of the pass. Ops that read the same operand share a pass too.
 */
import type { GraphNode } from "./graph.js";

/** What runs as one: a fused group of elementwise ops, or a single op of any kind. */
export interface Unit {
  /** In execution order. */
  readonly nodes: readonly GraphNode[];
  /** True for elementwise ops, be it one or several. */
  readonly elementwise: boolean;
}

export interface FusionRules {
  /** Ops with equal keys may share a pass; undefined for ops that are not elementwise. */
  key(node: GraphNode): string | undefined;
  /** True if one pass can take all these ops. */
  fits(nodes: readonly GraphNode[]): boolean;
}

/** The units of a graph in an order in which every value is computed before it is read. */
export function fuse(nodes: readonly GraphNode[], rules: FusionRules): Unit[] {
  const members = new Map<GraphNode, Set<GraphNode>>();
  for (const node of nodes) members.set(node, new Set([node]));
  for (const node of nodes) {
    const key = rules.key(node);
    if (key === undefined) continue;
    for (const neighbour of neighboursOf(node)) {
      if (rules.key(neighbour) !== key) continue;
      const own = members.get(node)!;
      const other = members.get(neighbour)!;
      if (own === other) continue;
      const merged = new Set(nodes.filter((member) => own.has(member) || other.has(member)));
      if (!rules.fits([...merged]) || leavesAndReturns(merged, members)) continue;
      for (const member of merged) members.set(member, merged);
    }
  }
  return inOrder(nodes, members).map((group) => ({
    nodes: [...group],
    elementwise: rules.key([...group][0]!) !== undefined,
  }));
}

/** The ops that compute a node's operands, and those that read the same ones. */
function neighboursOf(node: GraphNode): GraphNode[] {
  return node.inputs
    .filter(({ constant }) => !constant || node.constant)
    .flatMap(({ producer, readers }) => (producer ? [producer, ...readers] : [...readers]));
}

/** True if a path through other units leads from the group back into it: then it cannot run as one. */
function leavesAndReturns(
  group: ReadonlySet<GraphNode>,
  members: ReadonlyMap<GraphNode, ReadonlySet<GraphNode>>,
): boolean {
  const seen = new Set<GraphNode>();
  const pending = [...group].flatMap(readersOf).filter((reader) => !group.has(reader));
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (group.has(node)) return true;
    if (seen.has(node)) continue;
    for (const member of members.get(node)!) {
      seen.add(member);
      pending.push(...readersOf(member));
    }
  }
  return false;
}

function readersOf(node: GraphNode): GraphNode[] {
  return node.outputs.flatMap(({ readers }) => [...readers]);
}

/** Program order, but before a group come all the groups that it reads. */
function inOrder(
  nodes: readonly GraphNode[],
  members: ReadonlyMap<GraphNode, ReadonlySet<GraphNode>>,
): ReadonlySet<GraphNode>[] {
  const order: ReadonlySet<GraphNode>[] = [];
  const done = new Set<ReadonlySet<GraphNode>>();
  const visit = (group: ReadonlySet<GraphNode>): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const node of group) {
      for (const { producer } of node.inputs) {
        if (producer && !group.has(producer)) visit(members.get(producer)!);
      }
    }
    order.push(group);
  };
  for (const node of nodes) visit(members.get(node)!);
  return order;
}
