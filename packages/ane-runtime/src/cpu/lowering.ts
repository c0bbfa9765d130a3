/**
 * The state of lowering a function: buffers, where each value lies, and the steps so far. The files `lower-*.ts` add
 * the steps of one family of ops each.
 */
import { toHalfArray } from "@ane/mil-builder";
import type { Port } from "../device.js";
import type { Unit } from "./fuse.js";
import type { Graph, GraphValue } from "./graph.js";
import { extentOf, type Layout, packedLayout, packedLike, sameLayout } from "./layout.js";
import { Wishes } from "./placement.js";
import type { Buffer, Memory, Placement, Step, StorageDType } from "./plan.js";
import { elementCount } from "./shape.js";
import { copyStep } from "./steps/copy-step.js";
import { surfaceLayout } from "./surface.js";
import { isFloatCast } from "./view-ops.js";

export type Numerics = "fp16" | "fp32";

export interface DestinationOptions {
  /** Whether the producer can write to a layout. Default: to all. */
  readonly accepts?: (layout: Layout) => boolean;
  /** Memory order of a new buffer unless a reader wishes for another. Default: row-major. */
  readonly like?: Layout;
}

export class Lowering {
  readonly graph: Graph;
  readonly numerics: Numerics;
  readonly buffers: Buffer[] = [];
  readonly preparation: Step[] = [];
  readonly steps: Step[] = [];
  readonly #placements = new Map<GraphValue, Placement>();
  readonly #copies = new Map<string, Placement>();
  readonly #wishes: Wishes;
  readonly #outputs: readonly Placement[];

  constructor(
    graph: Graph,
    units: readonly Unit[],
    ports: { inputs: readonly Port[]; outputs: readonly Port[] },
    numerics: Numerics,
  ) {
    this.graph = graph;
    this.numerics = numerics;
    const surfaces = [...ports.inputs, ...ports.outputs].map((port, index) =>
      this.#surface(port, index),
    );
    graph.inputs.forEach((value, index) => {
      this.#placements.set(value, surfaces[index]!);
    });
    this.#outputs = surfaces.slice(ports.inputs.length);
    this.#wishes = new Wishes(graph, units, {
      storageOf: (value) => this.storageOf(value),
      dtypeAt: (placement) => this.dtypeAt(placement),
      output: (index) => this.#outputs[index]!,
      allocate: (value, like) => this.allocate(value, like),
    });
  }

  /** How a computed value is stored: rounded to its dtype in numerics "fp16", unrounded in "fp32"; booleans as 0 and 1. */
  storageOf(value: GraphValue): StorageDType {
    const { dtype } = value.type;
    if (dtype === "bool") return "fp16";
    if (dtype !== "fp16" && dtype !== "fp32") return "fp64";
    if (this.numerics === "fp32") return "fp32";
    if (dtype === "fp16") return "fp16";
    // What is only cast to fp16 is rounded when it is stored.
    const [reader] = value.readers;
    const narrowed =
      value.singleUse && isFloatCast(reader!) && reader!.output.type.dtype === "fp16";
    return narrowed ? "fp16" : "fp32";
  }

  dtypeAt({ buffer }: Placement): StorageDType {
    return this.buffers[buffer]!.dtype;
  }

  /** True if the value lies in a buffer, or can be given one; strings and integer weights cannot. */
  isPlaced(value: GraphValue): boolean {
    const { kind } = value.origin;
    if (kind === "port" || kind === "node") return this.#placements.has(value);
    const { dtype } = value.type;
    return dtype === "fp16" || dtype === "fp32" || (kind === "literal" && dtype !== "string");
  }

  /** Where the value lies. */
  placementOf(value: GraphValue): Placement {
    const known = this.#placements.get(value);
    if (known) return known;
    const placement = this.#constant(value);
    this.#placements.set(value, placement);
    return placement;
  }

  /** Records where a value lies from now on. */
  define(value: GraphValue, placement: Placement): void {
    this.#placements.set(value, placement);
  }

  /** The memory order that readers of the value like best, or the place that waits for it. */
  preferredLayout(value: GraphValue): Layout | undefined {
    return this.#wishes.place(value)?.layout ?? this.#wishes.order(value);
  }

  /**
   * Where a value should be written: the place that waits for it, if the producer can write there, or a new buffer.
   * @param reads what the producer reads meanwhile; native code wants its results apart from it
   */
  destination(
    value: GraphValue,
    reads: readonly Placement[],
    options: DestinationOptions = {},
  ): Placement {
    const { accepts = () => true, like = packedLayout(value.shape) } = options;
    const place = this.#wishes.place(value);
    if (place && accepts(place.layout) && reads.every((read) => areApart(place, read)))
      return place;
    const wished = this.#wishes.order(value);
    return this.allocate(value, wished && accepts(wished) ? wished : like);
  }

  /** The place of a concat's result, whether it waits in a surface or has a buffer of its own. */
  concatPlace(value: GraphValue): Placement {
    return this.#wishes.place(value)!;
  }

  /** The surface of the function's output number `index`. */
  output(index: number): Placement {
    return this.#outputs[index]!;
  }

  /** A new buffer for the value. */
  allocate(value: GraphValue, like: Layout = packedLayout(value.shape)): Placement {
    return {
      buffer: this.#addBuffer(
        value.name,
        this.storageOf(value),
        elementCount(value.shape),
        value.constant,
      ),
      layout: packedLike(like),
    };
  }

  /** The same elements without gaps, in the memory order of `like`; moved at most once per order. */
  packed(value: GraphValue, like?: Layout): Placement {
    const source = this.placementOf(value);
    const layout = packedLike(like ?? packedLayout(value.shape));
    const key = `${source.buffer} ${JSON.stringify([source.layout, layout])}`;
    const known = this.#copies.get(key);
    if (known) return known;
    const copy = {
      buffer: this.#addBuffer(
        value.name,
        this.dtypeAt(source),
        elementCount(value.shape),
        value.constant,
      ),
      layout,
    };
    this.copy(value.name, source, copy, value.constant);
    this.#copies.set(key, copy);
    return copy;
  }

  /** Moves a value unless it already lies there. */
  copy(label: string, from: Placement, to: Placement, constant: boolean): void {
    if (from.buffer === to.buffer && sameLayout(from.layout, to.layout)) return;
    const typed = (place: Placement) => ({ ...place, dtype: this.dtypeAt(place) });
    this.emit(copyStep(label, typed(from), typed(to)), constant);
  }

  /** @param constant whether the step works on constants alone: it then runs once, when a kernel is compiled */
  emit(step: Step, constant: boolean): void {
    (constant ? this.preparation : this.steps).push(step);
  }

  #surface(port: Port, index: number): Placement {
    const { layout, length } = surfaceLayout(port);
    this.buffers.push({
      name: port.name,
      dtype: port.dtype,
      length,
      source: { kind: "port", port: index },
    });
    return { buffer: this.buffers.length - 1, layout };
  }

  #addBuffer(name: string, dtype: StorageDType, length: number, constant: boolean): number {
    const source = constant
      ? { kind: "derived" as const }
      : { kind: "scratch" as const, byteOffset: 0 };
    return this.buffers.push({ name, dtype, length, source }) - 1;
  }

  #constant({ name, type, origin, shape }: GraphValue): Placement {
    const length = elementCount(shape);
    const layout = packedLayout(shape);
    if (origin.kind === "blob") {
      const dtype = type.dtype === "fp16" ? "fp16" : "fp32";
      const source = { kind: "blob" as const, reference: origin.reference };
      return { buffer: this.buffers.push({ name, dtype, length, source }) - 1, layout };
    }
    if (origin.kind !== "literal") throw new Error(`${name}: read before it was computed.`);
    const memory = literalMemory(type.dtype, origin.literal.elements as ArrayLike<number>);
    const dtype =
      memory instanceof Uint16Array ? "fp16" : memory instanceof Float32Array ? "fp32" : "fp64";
    const source = { kind: "literal" as const, memory };
    return { buffer: this.buffers.push({ name, dtype, length, source }) - 1, layout };
  }
}

/** True unless the elements between the first and the last of both lie in one part of a buffer. */
function areApart(a: Placement, b: Placement): boolean {
  const [first, second] = [extentOf(a.layout), extentOf(b.layout)];
  return a.buffer !== b.buffer || first.end <= second.start || second.end <= first.start;
}

function literalMemory(dtype: string, elements: ArrayLike<unknown>): Memory {
  const numbers = Array.from(elements, Number);
  if (dtype === "fp16" || dtype === "bool") return toHalfArray(numbers);
  return dtype === "fp32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
}
