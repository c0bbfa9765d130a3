/**
 * Leaves out what a causal mask makes zero. Inside a loop over heads, scores are computed up to the last visible column of
 * each row (rounded up), the softmax is zero beyond, and so is what it is multiplied with; products skip those parts:
 *
 *   qk = q·kᵀ                      within limits: nobody reads the rest
 *   masked = qk·c + mask           within limits
 *   probs = softmax(masked)        zero beyond limits, exactly: e^(-65504) is 0
 *   a = probs·v                    the sum over k ends at the row's limit
 *
 * Nothing but the order of no terms changes, provided that zeros meet finite numbers and that scores are small beside the
 * mask's depth. A guard measures both for every entry at run time; where it fails, the entry is computed in full.
 */
import type { Guard, GuardedMatrix, MatrixPlace, Stairs } from "@ane/accel-ops";
import type { GraphNode, GraphValue } from "./graph.js";
import type { LoopGroup } from "./loop-group.js";
import type { NativeStep } from "./plan.js";
import { elementCount } from "./shape.js";
import { accessesOf, type BodyStep } from "./split-step.js";
import { wrapAxis } from "./view-ops.js";
import type { Visible } from "./visible-columns.js";

/** Products of fp16 that are below this, and sums of them with weights that add up to 1, are finite. */
const FINITE = 2 ** 15;
/** Scores may have this share of the mask's depth. */
const SHARE = 1 / 8;

/** What a mask leaves visible, if its elements are known when the program is lowered. */
export type MaskReader = (mask: GraphValue) => Visible | undefined;

type Gemm = Extract<BodyStep, { kind: "gemm" }>;

/** The group with stairs in its steps and guards before them, where masks allow. */
export function withStairs(group: LoopGroup, readMask: MaskReader): LoopGroup {
  let changed = group;
  for (const step of group.steps) {
    const [node] = step.nodes;
    const scores = node?.type === "softmax" ? maskedScores(node) : undefined;
    const visible = scores && readMask(scores.mask);
    if (!node || !scores || !visible) continue;
    changed = new StairsOfGroup(changed, visible).from(node, scores) ?? changed;
  }
  return changed;
}

interface MaskedScores {
  /** product · scale + mask */
  readonly product: GraphNode;
  readonly scale: number;
  readonly mask: GraphValue;
}

/** The operand of a softmax over the last axis, if it is scaled and masked products. */
function maskedScores(softmax: GraphNode): MaskedScores | undefined {
  const x = softmax.value("x");
  const sum = x.producer;
  const isLast = wrapAxis(softmax.number("axis")!, x.shape.length) === x.shape.length - 1;
  if (!isLast || sum?.type !== "add") return undefined;
  const [mask, scores] = sum.value("x").constant
    ? [sum.value("x"), sum.value("y")]
    : [sum.value("y"), sum.value("x")];
  const same = mask.shape.slice(-2).join() === x.shape.slice(-2).join();
  const isShared = same && mask.shape.slice(0, -2).every((size) => size === 1);
  const scaled = scores.producer;
  if (!mask.constant || !isShared || !scaled) return undefined;
  if (scaled.type === "matmul") return { product: scaled, scale: 1, mask };
  if (scaled.type !== "mul") return undefined;
  const scale = scaled.number("y") ?? scaled.number("x");
  const product = (scaled.number("y") === undefined ? scaled.value("y") : scaled.value("x"))
    .producer;
  return scale !== undefined && product?.type === "matmul" ? { product, scale, mask } : undefined;
}

class StairsOfGroup {
  readonly #group: LoopGroup;
  readonly #visible: Visible;
  readonly #rows: number;
  readonly #columns: number;
  /** The steps that have stairs, by index, with what they become. */
  readonly #parts = new Map<number, BodyStep>();
  /** Values that are zero beyond the limits. */
  readonly #zero = new Set<GraphValue>();
  readonly #guards: Guard[] = [];

  constructor(group: LoopGroup, visible: Visible) {
    this.#group = group;
    this.#visible = visible;
    this.#rows = visible.limits.length;
    this.#columns = visible.limits.at(-1)!;
  }

  from(softmax: GraphNode, { product, scale }: MaskedScores): LoopGroup | undefined {
    const start = this.#indexOf(softmax);
    const scores = this.#operands(this.#indexOf(product));
    const part = this.#group.parts[start]!;
    if (!scores || part.kind !== "softmax" || !this.#isWhole(start)) return undefined;
    const bound = (this.#visible.depth * SHARE) / Math.abs(scale);
    this.#guards.push({ kind: "bounded", ...scores, bound });
    this.#parts.set(start, { ...part, stairs: true });
    this.#zero.add(softmax.output);
    for (let index = start + 1; index < this.#group.steps.length; index++) this.#forward(index);
    for (let index = this.#group.steps.length - 1; index >= 0; index--) this.#backward(index);
    return this.#guarded();
  }

  /** Steps that read zeros: products skip them, passes and sums keep within the limits. */
  #forward(index: number): void {
    const step = this.#group.steps[index]!;
    const part = this.#group.parts[index]!;
    const [node] = step.nodes;
    if (part.kind === "gemm" && node?.type === "matmul") this.#product(index, node, part);
    else if (part.kind === "elementwise") this.#pass(index, step);
    else if (part.kind === "reduce" && this.#zero.has(node!.value("x"))) {
      const { outer, inner, axis } = part;
      const fits = outer === this.#rows && axis === this.#columns && inner === 1;
      if (fits && part.op === "sum") this.#parts.set(index, { ...part, stairs: true });
    }
  }

  /** A product with zeros skips them if the other factor is finite. */
  #product(index: number, node: GraphNode, part: Gemm): void {
    const [x, y] = [node.value("x"), node.value("y")];
    if (x === y || this.#zero.has(x) === this.#zero.has(y)) return;
    const stairs: Stairs = this.#zero.has(x)
      ? node.flag("transpose_x")
        ? "aTransposed"
        : "a"
      : node.flag("transpose_y")
        ? "bTransposed"
        : "b";
    const operands = this.#operands(index);
    if (!operands) return;
    this.#guards.push({ kind: "finite", a: this.#zero.has(x) ? operands.b : operands.a });
    this.#parts.set(index, { ...part, stairs });
  }

  /** A pass of which every result has a factor that is zero, and the others are finite. */
  #pass(index: number, step: NativeStep): void {
    const zero = new Set(this.#zero);
    for (const node of step.nodes) {
      const operands = node.type === "mul" ? [node.value("x"), node.value("y")] : [];
      if (operands.some((value) => zero.has(value))) zero.add(node.output);
    }
    const results = this.#results(step);
    if (!results.every((value) => zero.has(value)) || !this.#isFinite(step, zero)) return;
    const part = this.#withRows(index);
    if (!part) return;
    this.#parts.set(index, part);
    for (const value of results) this.#zero.add(value);
  }

  /** Whether all factors of a pass are finite beyond the limits: bounded products, and their means under the softmax. */
  #isFinite(step: NativeStep, zero: ReadonlySet<GraphValue>): boolean {
    const outside = step.nodes
      .flatMap(({ inputs }) => inputs)
      .filter(
        (value) => !zero.has(value) && !value.constant && !step.nodes.includes(value.producer!),
      );
    return outside.every((value) => this.#isBounded(value) || this.#isMean(value));
  }

  #isBounded(value: GraphValue): boolean {
    const index = this.#indexOf(value.producer);
    const operands = value.producer?.type === "matmul" ? this.#operands(index) : undefined;
    if (operands) this.#guards.push({ kind: "bounded", ...operands, bound: FINITE });
    return operands !== undefined;
  }

  /** Σ probabilities · bounded values */
  #isMean({ producer: sum }: GraphValue): boolean {
    const weighted = sum?.type === "reduce_sum" ? sum.value("x").producer : undefined;
    if (weighted?.type !== "mul") return false;
    const factors = [weighted.value("x"), weighted.value("y")];
    const values = factors.filter(({ producer }) => producer?.type !== "softmax");
    return values.length === 1 && this.#isBounded(values[0]!);
  }

  /** Steps of which all results are read within the limits only. */
  #backward(index: number): void {
    if (this.#parts.has(index)) return;
    const step = this.#group.steps[index]!;
    const readers = this.#results(step).flatMap((value) => [...value.readers, ...returnOf(value)]);
    const isInner = readers.every((reader) => reader && this.#isWithin(reader));
    const part = this.#group.parts[index]!;
    if (!isInner || readers.length === 0) return;
    if (part.kind === "gemm") {
      const fits = part.m === this.#rows && part.n === this.#columns && part.count === 1;
      if (fits) this.#parts.set(index, { ...part, stairs: "c" });
    } else if (part.kind === "elementwise") {
      const inRows = this.#withRows(index);
      if (inRows) this.#parts.set(index, inRows);
    }
  }

  /** True for steps that go over the matrix within its limits; products use its rows in other ways. */
  #isWithin(reader: GraphNode): boolean {
    const part = this.#parts.get(this.#indexOf(reader));
    return part !== undefined && part.kind !== "gemm";
  }

  /**
   * The guard before the first step that depends on it, if all that it looks at has been computed there and no step in
   * between has limits of another mask.
   */
  #guarded(): LoopGroup | undefined {
    const { steps, parts, guards } = this.#group;
    const [first, last] = [Math.min(...this.#parts.keys()), Math.max(...this.#parts.keys())];
    const own = [...new Map(this.#guards.map((one) => [JSON.stringify(one), one])).values()];
    const guard = { kind: "guard" as const, limits: this.#visible.limits, guards: own };
    const late = parts
      .slice(first)
      .flatMap(accessesOf)
      .filter(({ writes }) => writes);
    const isReady = accessesOf(guard).every((seen) =>
      late.every(
        ({ place, start, end }) =>
          place.buffer !== seen.place.buffer || seen.start >= end || start >= seen.end,
      ),
    );
    const isAlone = parts.every(
      (part, index) =>
        !("stairs" in part) ||
        index < first ||
        [...guards.keys()].some((later) => last < later && later <= index),
    );
    if (!isReady || !isAlone) return undefined;
    return {
      ...this.#group,
      steps: steps.map((step, index) =>
        this.#parts.has(index) ? { ...step, detail: `${step.detail}, visible part` } : step,
      ),
      parts: parts.map((part, index) => this.#parts.get(index) ?? part),
      guards: new Map([...guards, [first, guard]]),
    };
  }

  /** The operands of a product of one entry, rows by terms. */
  #operands(index: number): { a: GuardedMatrix; b: GuardedMatrix } | undefined {
    const part = this.#group.parts[index];
    if (part?.kind !== "gemm" || part.count !== 1) return undefined;
    const { m, n, k, a, b } = part;
    return {
      a: matrixOf(a, m, k, a.rowStride, a.columnStride),
      b: matrixOf(b, n, k, b.columnStride, b.rowStride),
    };
  }

  /** A pass over the matrix, with a loop for its rows and one for its columns. */
  #withRows(index: number): BodyStep | undefined {
    const part = this.#group.parts[index];
    if (part?.kind !== "elementwise" || !this.#isWhole(index)) return undefined;
    const inner = part.shape.at(-1)!;
    if (inner === this.#columns && part.shape.at(-2) === this.#rows)
      return { ...part, stairs: true };
    if (part.shape.length > 1 || inner !== this.#rows * this.#columns) return undefined;
    const inRows = (operand: (typeof part.inputs)[number]) => {
      const stride = operand.strides[0]!;
      return { ...operand, strides: [stride * this.#columns, stride] };
    };
    return {
      ...part,
      shape: [this.#rows, this.#columns],
      inputs: part.inputs.map(inRows),
      outputs: part.outputs.map(inRows),
      stairs: true,
    };
  }

  /** True if every result of the step is the matrix, once per entry, row after row in memory. */
  #isWhole(index: number): boolean {
    const { writes } = this.#group.steps[index]!;
    return writes.every(({ layout }) => {
      const [row, column, ...more] = [layout.dims.at(-2) ?? [], layout.dims.at(-1) ?? []].flat();
      const heads = layout.dims.slice(0, -2).flat();
      const count = heads.reduce((product, { size }) => product * size, 1);
      return (
        more.length === 0 &&
        count === elementCount(this.#group.loops) &&
        row?.size === this.#rows &&
        row.stride === this.#columns &&
        column?.size === this.#columns &&
        column.stride === 1
      );
    });
  }

  /** What others read of a step. */
  #results({ nodes }: NativeStep): GraphValue[] {
    return nodes
      .map(({ output }) => output)
      .filter(
        ({ readers, returned }) => returned || [...readers].some((one) => !nodes.includes(one)),
      );
  }

  #indexOf(node: GraphNode | undefined): number {
    return this.#group.steps.findIndex(({ nodes }) => node !== undefined && nodes.includes(node));
  }
}

/** A reader that is no node, for values that the function returns. */
function returnOf({ returned }: GraphValue): undefined[] {
  return returned ? [undefined] : [];
}

function matrixOf(
  { buffer, offset, loopStrides = [] }: MatrixPlace,
  rows: number,
  columns: number,
  rowStride: number,
  columnStride: number,
): GuardedMatrix {
  return { buffer, offset, loopStrides, rows, columns, rowStride, columnStride };
}
