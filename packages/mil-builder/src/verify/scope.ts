/** A function with the look-ups that rules need. */
import { type ConstantNames, constantElements } from "../arguments.js";
import { DTYPES } from "../dtype.js";
import type {
  AnyConstant,
  Argument,
  BlobReference,
  LiteralElements,
  MilFunction,
  Operation,
  Program,
  TensorType,
} from "../program.js";
import type { Chip } from "./diagnostic.js";

export class Scope {
  readonly program: Program;
  readonly function: MilFunction;
  /** The chip that the program is meant for, if it is known. */
  readonly chip: Chip | undefined;
  /** The function's ops and those of the blocks inside them, in order. */
  readonly operations: readonly Operation[];
  /** Compile-time values by name; undefined where a constexpr op computes them. */
  readonly constants: ConstantNames;
  readonly #producers = new Map<string, Operation>();

  constructor(program: Program, fn: MilFunction, chip?: Chip) {
    this.program = program;
    this.function = fn;
    this.chip = chip;
    this.operations = withNested(fn.operations);
    const constants = new Map<string, AnyConstant | undefined>();
    for (const operation of this.operations) {
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

/** Ops, each before those of its blocks. */
function withNested(operations: readonly Operation[]): readonly Operation[] {
  return operations.flatMap((operation) => [
    operation,
    ...(operation.blocks ?? []).flatMap((block) => withNested(block.operations)),
  ]);
}

/** All references to weight files among an op's attributes and arguments. */
export function blobsOf({ attributes, inputs }: Operation): BlobReference[] {
  const given = [...Object.values(attributes), ...Object.values(inputs)];
  return given
    .flatMap((argument) => (argument.kind === "tuple" ? argument.items : [argument]))
    .filter((argument) => argument.kind === "blob");
}

/** Bytes of a tensor; NaN if it has unknown dims. */
export function bytesOf({ shape, dtype }: TensorType): number {
  return (shape.reduce((product, dim) => product * dim, 1) * DTYPES[dtype].bits) / 8;
}

/** True for const and the constexpr ops: their results are fixed when the program is compiled. */
export function isCompileTime({ type }: Operation): boolean {
  return type === "const" || type.startsWith("constexpr_");
}

/** Type of a single argument that is a tensor; undefined for others, tuples and absent arguments. */
export function singleType(argument: Argument | undefined): TensorType | undefined {
  if (argument === undefined || argument.kind === "tuple") return undefined;
  const type = argument.kind === "value" ? argument.value.type : argument.type;
  return type.kind === "tensor" ? type : undefined;
}

/** Type of an op's first result if it is a tensor; undefined for others and for ops without results. */
export function resultType({ outputs }: Operation): TensorType | undefined {
  const type = outputs[0]?.type;
  return type?.kind === "tensor" ? type : undefined;
}
