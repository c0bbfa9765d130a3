/** A list of operations that runs as one native call: checked and decoded once, without allocation or checks in between. */
import { check } from "../argument-error.js";
import { nativeBinding } from "../native.js";
import type { Real } from "../real.js";
import { ProgramCheck } from "./check-program.js";
import { encodeProgram } from "./encode-program.js";
import type { ProgramBuffer, ProgramStep } from "./program-step.js";

type Handle = object;

const native = nativeBinding<{
  createProgram(numbers: Float64Array): Handle;
  runProgram(handle: Handle, memory: readonly unknown[]): void;
}>();

export class Program {
  readonly #buffers: readonly (ProgramBuffer | undefined)[];
  readonly #used: readonly number[];
  readonly #handle: Handle;

  /**
   * Operands of one step must not overlap, unless the operation itself allows it; entries of a loop must not depend on
   * each other. Neither is checked.
   *
   * @param buffers by number; undefined for numbers that no step uses
   * @throws ArgumentError if an operand reaches beyond its buffer or code is not valid
   */
  constructor(buffers: readonly (ProgramBuffer | undefined)[], steps: readonly ProgramStep[]) {
    const checked = new ProgramCheck(buffers);
    checked.steps(steps, "Program.steps");
    this.#buffers = buffers;
    this.#used = checked.used;
    this.#handle = native.createProgram(encodeProgram(buffers, this.#used, steps));
  }

  /**
   * Runs all steps in order.
   * @param memory by the number of the buffer, of its dtype and at least its length; what no step uses may be anything
   * @throws ArgumentError naming the buffer
   */
  run(memory: readonly (Real | Float64Array | undefined)[]): void {
    for (const index of this.#used) {
      const { dtype, length } = this.#buffers[index]!;
      const given = memory[index];
      const type = dtype === "fp16" ? Uint16Array : Float32Array;
      if (given instanceof type && given.length >= length) continue;
      const rule = `must be a ${type.name} of at least ${length} elements`;
      check(false, `Program.run: memory[${index}]`, rule, given);
    }
    native.runProgram(this.#handle, memory);
  }
}
