/** The rules of a program that keep it inside its memory. */
import { check, checkInteger } from "../argument-error.js";
import { checkCode } from "../elementwise-code.js";
import { MAXIMUM_LOOPS } from "./encode-program.js";
import type {
  GemmStep,
  Guard,
  GuardStep,
  LoopStep,
  MatrixPlace,
  Place,
  ProgramBuffer,
  ProgramStep,
  Stairs,
  StridedPlace,
} from "./program-step.js";

const MAXIMUM_DIMS = { elementwise: 4, copy: 5 };
const ALIGNMENT = 64;

/** Collects the buffers that steps touch while it checks that every operand lies within its buffer. */
export class ProgramCheck {
  readonly #buffers: readonly (ProgramBuffer | undefined)[];
  readonly #used = new Set<number>();
  readonly #privates = new Set<number>();
  #loop: LoopStep | undefined;
  /** Those of the last guard in the loop. */
  #limits: Int32Array | undefined;

  constructor(buffers: readonly (ProgramBuffer | undefined)[]) {
    this.#buffers = buffers;
  }

  /** Buffers that every run must be given. */
  get used(): number[] {
    return [...this.#used].filter((buffer) => !this.#privates.has(buffer));
  }

  /** @throws ArgumentError naming the step and the operand */
  steps(steps: readonly ProgramStep[], where: string): void {
    for (const [index, step] of steps.entries()) {
      this.#step(step, `${where}[${index}]: ${step.kind}`);
    }
  }

  #step(step: ProgramStep, where: string): void {
    switch (step.kind) {
      case "gemm":
        this.#matrix(step.a, [step.m, step.k, step.count], `${where}.a`);
        this.#matrix(step.b, [step.k, step.n, step.count], `${where}.b`);
        this.#matrix(step.c, [step.m, step.n, step.count], `${where}.c`);
        if (step.stairs) this.#stairs(...stairsOf(step, step.stairs), where);
        break;
      case "elementwise": {
        const { shape, inputs, outputs, code, constants } = step;
        this.#dims(shape, MAXIMUM_DIMS.elementwise, where);
        const room = {
          inputs: inputs.length,
          outputs: outputs.length,
          constants: constants.length,
        };
        checkCode(code, room, `${where}.code`);
        for (const operand of [...inputs, ...outputs]) this.#strided(operand, shape, where);
        if (step.stairs) {
          this.#stairs(shape.at(-2) ?? 0, shape.at(-1)!, where);
          const along = outputs.every(({ strides }) => strides.at(-1) === 1);
          check(along, `${where}.outputs`, "must have stride 1 along columns", "another stride");
        }
        break;
      }
      case "softmax":
      case "reduce": {
        const { outer, axis, inner, x, out } = step;
        const written = step.kind === "softmax" ? axis : 1;
        this.#operand(x, [outer, axis, inner], [axis * inner, inner, 1], `${where}.x`);
        this.#operand(out, [outer, written, inner], [written * inner, inner, 1], `${where}.out`);
        if (step.stairs) this.#stairs(outer, inner === 1 ? axis : 0, where);
        break;
      }
      case "copy":
        check(!this.#loop, where, "must not be inside a loop", "a copy in a loop");
        this.#dims(step.shape, MAXIMUM_DIMS.copy, where);
        this.#strided(step.src, step.shape, `${where}.src`);
        this.#strided(step.dst, step.shape, `${where}.dst`);
        break;
      case "guard":
        this.#guards(step, where);
        break;
      default:
        this.#inLoop(step, where);
    }
  }

  #inLoop(loop: LoopStep, where: string): void {
    check(!this.#loop, where, "must not be inside another loop", "a loop in a loop");
    this.#dims(loop.sizes, MAXIMUM_LOOPS, where);
    for (const { buffer, byteOffset } of loop.privates) {
      const { dtype, length } = this.#buffer(buffer, `${where}.privates`);
      this.#privates.add(buffer);
      const bytes = length * (dtype === "fp16" ? 2 : 4);
      const fits = byteOffset % ALIGNMENT === 0 && byteOffset + bytes <= loop.privateBytes;
      check(fits, `${where}.privates`, `must lie within ${loop.privateBytes} bytes`, byteOffset);
    }
    this.#loop = loop;
    this.steps(loop.steps, `${where}.steps`);
    this.#loop = undefined;
    this.#limits = undefined;
  }

  #guards({ limits, guards }: GuardStep, where: string): void {
    check(this.#loop !== undefined, where, "must be inside a loop", "a guard outside");
    limits.forEach((limit, row) => {
      const rises = limit >= Math.max(1, limits[row - 1] ?? 1);
      check(rises, `${where}.limits[${row}]`, "must be at least 1 and never fall", limit);
    });
    this.#limits = limits;
    for (const guard of guards) this.#guard(guard, where);
  }

  #guard(guard: Guard, where: string): void {
    for (const matrix of guard.kind === "bounded" ? [guard.a, guard.b] : [guard.a]) {
      const { rows, columns, rowStride, columnStride } = matrix;
      this.#operand(matrix, [rows, columns], [rowStride, columnStride], `${where}.guards`);
    }
  }

  /** Every row of a matrix with stairs must have a limit, and the limit be one of its columns. */
  #stairs(rows: number, columns: number, where: string): void {
    const limits = this.#limits ?? [];
    check(rows === limits.length, where, `stairs need ${rows} limits`, limits.length);
    const last = limits[rows - 1]!;
    check(last <= columns, where, `the limits of its stairs must be at most ${columns}`, last);
  }

  #matrix(operand: MatrixPlace, sizes: readonly number[], where: string): void {
    const { rowStride, columnStride, batchStride } = operand;
    this.#operand(operand, sizes, [rowStride, columnStride, batchStride], where);
  }

  #strided(operand: StridedPlace, shape: readonly number[], where: string): void {
    const rule = `must have ${shape.length} strides`;
    check(operand.strides.length === shape.length, where, rule, operand.strides);
    this.#operand(operand, shape, operand.strides, where);
  }

  /** Every element must lie within the buffer, in all entries of the loop. */
  #operand(
    place: Place,
    sizes: readonly number[],
    strides: readonly number[],
    where: string,
  ): void {
    const { length } = this.#buffer(place.buffer, where);
    this.#used.add(place.buffer);
    const loops = this.#loop?.sizes ?? [];
    const { loopStrides = loops.map(() => 0) } = place;
    const rule = `must have ${loops.length} loop strides`;
    check(loopStrides.length === loops.length, where, rule, loopStrides);
    checkInteger(place.offset, `${where}.offset`);
    let end = place.offset + 1;
    [...sizes, ...loops].forEach((size, d) => {
      const stride = d < sizes.length ? strides[d]! : loopStrides[d - sizes.length]!;
      checkInteger(size, where, 1);
      checkInteger(stride, `${where}: stride`);
      end += (size - 1) * stride;
    });
    check(end <= length, where, `must lie within the ${length} elements of its buffer`, end);
  }

  #dims(shape: readonly number[], maximum: number, where: string): void {
    const few = shape.length >= 1 && shape.length <= maximum;
    check(few, where, `must have 1 to ${maximum} dims`, shape.length);
  }

  #buffer(index: number, where: string): ProgramBuffer {
    const buffer = this.#buffers[index];
    check(buffer !== undefined, where, "must name a buffer of the program", index);
    return buffer;
  }
}

/** Rows and columns of the operand of a product that has stairs. */
function stairsOf({ m, n, k }: GemmStep, stairs: Stairs): [rows: number, columns: number] {
  const sizes: Readonly<Record<Stairs, [number, number]>> = {
    c: [m, n],
    cTransposed: [n, m],
    a: [m, k],
    aTransposed: [k, m],
    b: [k, n],
    bTransposed: [n, k],
  };
  return sizes[stairs];
}
