/** A function with the look-ups that rules need. */
import { type ConstantNames, constantElements } from "../arguments.js";
import type {
  Argument,
  Constant,
  LiteralElements,
  MilFunction,
  Operation,
  Program,
  TensorType,
} from "../program.js";

export class Scope {
  readonly program: Program;
  readonly function: MilFunction;
  /** Compile-time values by name; undefined where a constexpr op computes them. */
  readonly constants: ConstantNames;
  readonly #producers = new Map<string, Operation>();

  constructor(program: Program, fn: MilFunction) {
    this.program = program;
    this.function = fn;
    const constants = new Map<string, Constant | undefined>();
    for (const operation of fn.operations) {
      for (const { name } of operation.outputs) {
        this.#producers.set(name, operation);
        if (isCompileTime(operation)) constants.set(name, operation.attributes.val);
      }
    }
    this.constants = constants;
  }

  /** `main: conv "qf"` */
  whereIs({ type, outputs }: Operation): string {
    const name = outputs[0]?.name;
    return `${this.function.name}: ${type}${name === undefined ? "" : ` "${name}"`}`;
  }

  /** The op that computes an argument; undefined for function inputs, inline constants, tuples and absent arguments. */
  producer(argument: Argument | undefined): Operation | undefined {
    return argument?.kind === "value" ? this.#producers.get(argument.value.name) : undefined;
  }

  isFunctionInput(argument: Argument | undefined): boolean {
    return (
      argument?.kind === "value" &&
      this.function.inputs.some(({ name }) => name === argument.value.name)
    );
  }

  /** True for a tensor that is computed at run time. */
  isComputed(argument: Argument | undefined): boolean {
    return argument?.kind === "value" && !this.constants.has(argument.value.name);
  }

  /** The elements of a compile-time argument as numbers; undefined if it is absent or not known. */
  numbers(argument: Argument | undefined): number[] | undefined {
    const elements = this.#elements(argument);
    return elements && Array.from(elements as ArrayLike<unknown>, Number);
  }

  #elements(argument: Argument | undefined): LiteralElements | undefined {
    if (argument === undefined || argument.kind === "tuple") return undefined;
    return constantElements(argument, this.constants);
  }
}

/** True for const and the constexpr ops: their results are fixed when the program is compiled. */
export function isCompileTime({ type }: Operation): boolean {
  return type === "const" || type.startsWith("constexpr_");
}

/** Type of a single argument; undefined for tuples and absent arguments. */
export function singleType(argument: Argument | undefined): TensorType | undefined {
  if (argument === undefined || argument.kind === "tuple") return undefined;
  return argument.kind === "value" ? argument.value.type : argument.type;
}
