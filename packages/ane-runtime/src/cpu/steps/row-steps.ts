/** Softmax and reductions over the middle of [outer, axis, inner]. */
import { type ReduceOperation, reduce, softmax } from "@ane/accel-ops";
import type { Placement, Step, Workspace } from "../plan.js";
import { realMemory } from "./real-memory.js";

export interface RowShape {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

export class SoftmaxStep implements Step {
  readonly kind = "softmax";
  readonly label: string;
  readonly reads: readonly [Placement];
  readonly writes: readonly [Placement];
  readonly flops: number;
  readonly detail: string;
  readonly #rows: RowShape;

  constructor(label: string, x: Placement, out: Placement, rows: RowShape) {
    this.label = label;
    this.reads = [x];
    this.writes = [out];
    this.flops = rows.outer * rows.axis * rows.inner;
    this.detail = formatRows(rows);
    this.#rows = rows;
  }

  run({ memory }: Workspace): void {
    const [x] = this.reads;
    const [out] = this.writes;
    softmax({
      ...this.#rows,
      x: realMemory(memory, x.buffer),
      xOffset: x.layout.offset,
      out: realMemory(memory, out.buffer),
      outOffset: out.layout.offset,
    });
  }
}

export class ReduceStep implements Step {
  readonly kind = "reduce";
  readonly label: string;
  readonly reads: readonly [Placement];
  readonly writes: readonly [Placement];
  readonly flops: number;
  readonly detail: string;
  readonly #rows: RowShape & { readonly op: ReduceOperation };

  constructor(
    label: string,
    x: Placement,
    out: Placement,
    rows: RowShape & { readonly op: ReduceOperation },
  ) {
    this.label = label;
    this.reads = [x];
    this.writes = [out];
    this.flops = rows.outer * rows.axis * rows.inner;
    this.detail = `${rows.op} ${formatRows(rows)}`;
    this.#rows = rows;
  }

  run({ memory }: Workspace): void {
    const [x] = this.reads;
    const [out] = this.writes;
    reduce({
      ...this.#rows,
      x: realMemory(memory, x.buffer),
      xOffset: x.layout.offset,
      out: realMemory(memory, out.buffer),
      outOffset: out.layout.offset,
    });
  }
}

function formatRows({ outer, axis, inner }: RowShape): string {
  return `[${outer}, ${axis}, ${inner}] along the middle`;
}
