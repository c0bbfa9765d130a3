/**
 * Assembles instructions of the elementwise machine of @ane/accel-ops: values come in as virtual registers, and leave in
 * as few real ones as their lifetimes allow.
 */
import { Opcode, UNROUNDED } from "@ane/accel-ops";

/** A virtual register: it is written once. */
export type Register = number;

interface Row {
  readonly opcode: Opcode;
  /** Register that is written, or the number of the output of a store. */
  readonly target: number;
  /** Registers that are read. */
  readonly reads: readonly Register[];
  /** Number of the input or constant. */
  readonly index: number;
  readonly rounded: boolean;
}

export class ElementwiseCode {
  readonly #rows: Row[] = [];
  readonly #constants: number[] = [];
  readonly #constantRegisters = new Map<number, Register>();
  #registers = 0;

  /** Arithmetic instructions so far. */
  get operations(): number {
    return this.#rows.filter(({ opcode }) => !TRANSFERS.has(opcode)).length;
  }

  load(input: number): Register {
    return this.#write(Opcode.LOAD, [], input, false);
  }

  /** The same number in every element. */
  constant(value: number): Register {
    const known = this.#constantRegisters.get(value);
    if (known !== undefined && !Object.is(value, -0)) return known;
    const register = this.#write(Opcode.CONST, [], this.#constants.push(value) - 1, false);
    this.#constantRegisters.set(value, register);
    return register;
  }

  /** @param rounded whether the result is rounded to fp16 */
  apply(opcode: Opcode, operands: readonly Register[], rounded: boolean): Register {
    return this.#write(opcode, operands, 0, rounded);
  }

  /** `condition != 0 ? yes : no`; the machine wants the condition where the result goes. */
  select(condition: Register, yes: Register, no: Register): Register {
    const target = this.#write(Opcode.MAX, [condition, condition], 0, false);
    this.#rows.push({
      opcode: Opcode.SELECT,
      target,
      reads: [yes, no, target],
      index: 0,
      rounded: false,
    });
    return target;
  }

  store(output: number, register: Register): void {
    this.#rows.push({
      opcode: Opcode.STORE,
      target: output,
      reads: [register],
      index: 0,
      rounded: false,
    });
  }

  /** The program, and how many registers it needs. */
  assemble(): { code: Int32Array; constants: Float32Array; registers: number } {
    const lastUse = new Map<Register, number>();
    this.#rows.forEach(({ opcode, target, reads }, row) => {
      if (opcode !== Opcode.STORE) lastUse.set(target, row);
      for (const register of reads) lastUse.set(register, row);
    });
    const real = new Map<Register, number>();
    const free: number[] = [];
    let registers = 0;
    const code = this.#rows.flatMap(({ opcode, target, reads, index, rounded }, row) => {
      const [a = index, b = 0] = reads.map((register) => real.get(register)!);
      // Elements are independent, so a result may take the register of an operand that ends here.
      for (const register of new Set(reads)) {
        if (lastUse.get(register) === row && register !== target) free.push(real.get(register)!);
      }
      let to = target;
      if (opcode !== Opcode.STORE) {
        to = real.get(target) ?? free.pop() ?? registers++;
        real.set(target, to);
        if (lastUse.get(target) === row) free.push(to);
      }
      return [rounded ? opcode : opcode | UNROUNDED, to, a, b];
    });
    return {
      code: Int32Array.from(code),
      constants: Float32Array.from(this.#constants),
      registers,
    };
  }

  #write(opcode: Opcode, reads: readonly Register[], index: number, rounded: boolean): Register {
    const target = this.#registers++;
    this.#rows.push({ opcode, target, reads, index, rounded });
    return target;
  }
}

const TRANSFERS: ReadonlySet<Opcode> = new Set([Opcode.LOAD, Opcode.CONST, Opcode.STORE]);
