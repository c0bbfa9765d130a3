/**
 * Decides, before anything is lowered, where values should lie: a reverse pass that hands down wishes from readers to
 * producers. A value that is returned or joined by a concat wishes for its place in the surface or in the concat's
 * buffer, so that its producer writes it there; a value behind a transpose wishes for the permuted memory order.
 */
import type { Unit } from "./fuse.js";
import type { Graph, GraphNode, GraphValue } from "./graph.js";
import { type Layout, packedLike, reshapeLayout, sameLayout, sliceLayout } from "./layout.js";
import type { Placement, StorageDType } from "./plan.js";
import { sameShape } from "./shape.js";
import { isFloatCast, viewRules, wrapAxis } from "./view-ops.js";

/** What the pass needs to know of buffers. */
export interface Storage {
  storageOf(value: GraphValue): StorageDType;
  dtypeAt(placement: Placement): StorageDType;
  /** The surface that the function's output number `index` is bound to. */
  output(index: number): Placement;
  /** A new buffer for the whole value, packed in the memory order of `like` (row-major by default). */
  allocate(value: GraphValue, like?: Layout): Placement;
}

export class Wishes {
  readonly #places = new Map<GraphValue, Placement>();
  readonly #orders = new Map<GraphValue, Layout>();
  readonly #storage: Storage;

  constructor(graph: Graph, units: readonly Unit[], storage: Storage) {
    this.#storage = storage;
    graph.outputs.forEach((value, index) => {
      this.#wishPlace(value, storage.output(index));
    });
    for (const unit of [...units].reverse()) {
      if (unit.elementwise) this.#elementwise(unit);
      else this.#node(unit.nodes[0]!);
    }
  }

  /** The place that the value should be written to. */
  place(value: GraphValue): Placement | undefined {
    return this.#places.get(value);
  }

  /** A packed layout with the memory order that readers of the value like best. */
  order(value: GraphValue): Layout | undefined {
    return this.#orders.get(value);
  }

  #wishPlace(value: GraphValue, placement: Placement): void {
    if (!value.producer || value.constant || this.#places.has(value)) return;
    const wanted = this.#storage.storageOf(value);
    const given = this.#storage.dtypeAt(placement);
    // A place that rounds may be taken only if nobody else reads the unrounded value.
    const uses = value.readers.size + (value.returned ? 1 : 0);
    const rounds = wanted === "fp32" && given === "fp16" && uses === 1;
    if (wanted === given || rounds) this.#places.set(value, placement);
  }

  #wishOrder(value: GraphValue, layout: Layout | undefined): void {
    if (!layout || !value.producer || this.#orders.has(value)) return;
    this.#orders.set(value, packedLike(layout));
  }

  /** The layout that the value will have as far as is known now. */
  #expected(value: GraphValue): Layout | undefined {
    return this.#places.get(value)?.layout ?? this.#orders.get(value);
  }

  /** All members and full-size operands of a fused group share one memory order. */
  #elementwise({ nodes }: Unit): void {
    const results = nodes.flatMap(({ outputs }) => outputs);
    const layout = results.map((value) => this.#expected(value)).find((known) => known);
    if (!layout) return;
    for (const value of [...results, ...nodes.flatMap(({ inputs }) => inputs)]) {
      if (sameShape(value.shape, results[0]!.shape)) this.#wishOrder(value, layout);
    }
  }

  #node(node: GraphNode): void {
    const rules = viewRules(node);
    if (rules) {
      rules.forEach((rule, index) => {
        const result = node.outputs[index]!;
        const place = this.#places.get(result);
        const layout = place && rule.backward?.(place.layout);
        if (layout) this.#wishPlace(rule.source, { buffer: place.buffer, layout });
        const expected = this.#expected(result);
        if (expected) this.#wishOrder(rule.source, rule.order(expected));
      });
    } else if (node.type === "concat") {
      this.#concat(node);
    } else if (isFloatCast(node)) {
      const place = this.#places.get(node.output);
      if (place) this.#wishPlace(node.value("x"), place);
      this.#wishOrder(node.value("x"), this.#expected(node.output));
    } else if (node.type === "softmax") {
      this.#wishOrder(node.value("x"), this.#expected(node.output));
    }
  }

  #concat(node: GraphNode): void {
    const result = node.output;
    const waiting = this.#places.get(result);
    const usable = waiting && concatRegions(node, waiting.layout).every((region) => region);
    const place =
      (usable ? waiting : this.#joined(node)) ??
      this.#storage.allocate(result, this.#orders.get(result));
    this.#places.set(result, place);
    concatRegions(node, place.layout).forEach((region, index) => {
      this.#wishPlace(node.values("values")[index]!, { buffer: place.buffer, layout: region! });
    });
  }

  /** Where the operands wait already, if they wait side by side as the concat wants them. */
  #joined(node: GraphNode): Placement | undefined {
    const values = node.values("values");
    const places = values.map((value) => this.#places.get(value));
    const [first] = places;
    const axis = wrapAxis(node.number("axis")!, node.output.shape.length);
    const layout = first && lengthened(first.layout, axis, node.output.shape[axis]!);
    if (!layout || this.#storage.dtypeAt(first) !== this.#storage.storageOf(node.output)) return;
    const fits = concatRegions(node, layout).every((region, index) => {
      const own = places[index];
      return own?.buffer === first.buffer && region && sameLayout(own.layout, region);
    });
    return fits ? { buffer: first.buffer, layout } : undefined;
  }
}

/** The same along one axis, of another size; undefined where the axis has no stride. */
function lengthened(layout: Layout, axis: number, size: number): Layout | undefined {
  const [factor, ...more] = layout.dims[axis]!;
  if (!factor || more.length > 0) return undefined;
  const dims = layout.dims.map((own, i) => (i === axis ? [{ size, stride: factor.stride }] : own));
  return { offset: layout.offset, dims };
}

/** Where each operand of a concat lies if the result lies at `layout`; undefined where strides cannot say it. */
export function concatRegions(node: GraphNode, layout: Layout): (Layout | undefined)[] {
  const values = node.values("values");
  const rank = node.output.shape.length;
  const axis = wrapAxis(node.number("axis")!, rank);
  const interleave = node.flag("interleave");
  let start = 0;
  return values.map(({ shape }, index) => {
    const size = shape.length === 0 ? [1] : shape;
    const begin = size.map((_, i) => (i !== axis ? 0 : interleave ? index : start));
    const step = size.map((_, i) => (i === axis && interleave ? values.length : 1));
    start += size[axis]!;
    const region = sliceLayout(layout, begin, size, step);
    return region && reshapeLayout(region, shape);
  });
}
