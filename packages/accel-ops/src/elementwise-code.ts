/** The instructions of `elementwise` and the rules of a program. */
import { check } from "./argument-error.js";

/**
 * A program is rows of four integers, [opcode, target, a, b]. Registers hold fp32 for one element; r is a register.
 * The numbers are those of the native enumeration.
 */
export enum Opcode {
  /** r[target] = input a */
  LOAD = 0,
  /** r[target] = constants[a] */
  CONST,
  /** output target = r[a] */
  STORE,
  /** r[target] = r[a] + r[b]; the next ones likewise */
  ADD,
  SUB,
  MUL,
  /** Real division. */
  DIV,
  /** NaN if either is NaN. */
  MAX,
  /** NaN if either is NaN. */
  MIN,
  /** r[a] to the power r[b]; fast where r[b] is a CONST of 2, 1, 0.5, -0.5 or -1. */
  POW,
  /** 1 if r[a] = r[b], else 0; the next ones likewise */
  EQUAL,
  NOT_EQUAL,
  LESS,
  LESS_EQUAL,
  GREATER,
  GREATER_EQUAL,
  /** r[target] = r[target] ≠ 0 ? r[a] : r[b] */
  SELECT,
  /** r[target] = -r[a]; the next ones likewise */
  NEG,
  ABS,
  SQUARE,
  SQRT,
  RSQRT,
  /** 1 / r[a] */
  INVERSE,
  EXP,
  LOG,
  SIGMOID,
  /** x sigmoid(x) */
  SILU,
  TANH,
  ERF,
  RELU,
  /** x Φ(x), Φ the normal distribution */
  GELU,
  /** Its approximation with tanh(√(2/π) (x + 0.044715 x³)) */
  GELU_TANH,
  /** Its approximation x sigmoid(1.702 x) */
  GELU_SIGMOID,
  FLOOR,
  CEIL,
  /** To the nearest integer, ties to even. */
  ROUND,
  /** -1, 0 or 1; NaN for NaN */
  SIGN,
}

/** Added to an opcode: its result is not rounded although `roundHalf` is set, as inside an op of several instructions. */
export const UNROUNDED = 0x100;

/** Registers of a program. */
export const maximumRegisters = 32;

const length = 4;

interface ProgramRoom {
  readonly inputs: number;
  readonly outputs: number;
  readonly constants: number;
}

/** Every index must be in range, every register written before it is read, every output stored exactly once. */
export function checkCode(code: Int32Array, room: ProgramRoom, where: string): void {
  check(code instanceof Int32Array, where, "must be an Int32Array", code);
  const rows = "must be rows of four integers, at least one";
  check(code.length > 0 && code.length % length === 0, where, rows, code);
  let written = 0;
  const stored = new Set<number>();
  for (let at = 0; at < code.length; at += length) {
    const [opcode, target, a, b] = [
      code[at]! & ~UNROUNDED,
      code[at + 1]!,
      code[at + 2]!,
      code[at + 3]!,
    ];
    const place = `${where}[${at / length}]`;
    check(Opcode[opcode] !== undefined, place, "must have a known opcode", code[at]);
    const reads = (register: number) => {
      const isWritten = register >= 0 && register < maximumRegisters && (written >>> register) & 1;
      check(Boolean(isWritten), place, "must read registers that were written", register);
    };
    if (opcode === Opcode.STORE) {
      checkIndex(target, room.outputs, "output", place);
      check(!stored.has(target), place, "must store each output once", target);
      stored.add(target);
      reads(a);
      continue;
    }
    if (opcode === Opcode.LOAD) checkIndex(a, room.inputs, "input", place);
    else if (opcode === Opcode.CONST) checkIndex(a, room.constants, "constant", place);
    else reads(a);
    if (opcode >= Opcode.ADD && opcode <= Opcode.SELECT) reads(b);
    if (opcode === Opcode.SELECT) reads(target);
    checkIndex(target, maximumRegisters, "register", place);
    written |= 1 << target;
  }
  check(stored.size === room.outputs, where, `must store all ${room.outputs} outputs`, stored.size);
}

function checkIndex(index: number, count: number, what: string, where: string): void {
  check(index >= 0 && index < count, where, `must name a ${what} from 0 to ${count - 1}`, index);
}
