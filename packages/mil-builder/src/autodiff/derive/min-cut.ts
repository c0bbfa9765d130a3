/**
 * The cheapest set of edges that separates a source from a sink (Dinic's algorithm). Capacities are finite and not
 * negative.
 */

const EPSILON = 1e-12;

interface Edge {
  readonly to: number;
  capacity: number;
  /** Index of the edge in the other direction, in the list of `to`. */
  readonly reverse: number;
}

export class FlowNetwork {
  readonly #edges: Edge[][] = [];

  /** @returns The new node. */
  node(): number {
    return this.#edges.push([]) - 1;
  }

  edge(from: number, to: number, capacity: number): void {
    const [forth, back] = [this.#edges[from]!, this.#edges[to]!];
    forth.push({ to, capacity, reverse: back.length });
    back.push({ to: from, capacity: 0, reverse: forth.length - 1 });
  }

  /** The nodes on the source's side of the cheapest cut; of several cuts, the one that is nearest to the source. */
  sourceSide(source: number, sink: number): ReadonlySet<number> {
    for (;;) {
      const levels = this.#levels(source);
      if (!levels.has(sink)) return new Set(levels.keys());
      const next = this.#edges.map(() => 0);
      while (this.#augment(source, sink, Number.POSITIVE_INFINITY, levels, next) > 0);
    }
  }

  /** Distance from the source over edges with capacity left. */
  #levels(source: number): ReadonlyMap<number, number> {
    const levels = new Map([[source, 0]]);
    for (const [node, level] of levels) {
      for (const { to, capacity } of this.#edges[node]!) {
        if (capacity > EPSILON && !levels.has(to)) levels.set(to, level + 1);
      }
    }
    return levels;
  }

  #augment(
    node: number,
    sink: number,
    limit: number,
    levels: ReadonlyMap<number, number>,
    next: number[],
  ): number {
    if (node === sink) return limit;
    const edges = this.#edges[node]!;
    for (; next[node]! < edges.length; next[node]!++) {
      const edge = edges[next[node]!]!;
      if (edge.capacity <= EPSILON || levels.get(edge.to) !== levels.get(node)! + 1) continue;
      const room = Math.min(limit, edge.capacity);
      const sent = this.#augment(edge.to, sink, room, levels, next);
      if (sent === 0) continue;
      edge.capacity -= sent;
      this.#edges[edge.to]![edge.reverse]!.capacity += sent;
      return sent;
    }
    return 0;
  }
}
