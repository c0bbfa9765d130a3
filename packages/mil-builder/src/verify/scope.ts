/** A function with the look-ups that rules need. */
import { type ConstantNames, constantElements, isCompileTime, parametersOf } from "../arguments.js";
import { DTYPES } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { inferOperation } from "../infer-operation.js";
import { opDefinition } from "../ops/table.js";
import { hasOpset } from "../opset.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  BlobReference,
  LiteralElements,
  MilFunction,
  Operation,
  Program,
  TensorType,
  ValueType,
} from "../program.js";
import type { Chip } from "./diagnostic.js";

/** Types that follow from an op's arguments, or the rule that they break. */
export type Inference = readonly ValueType[] | ShapeError;

export interface RunTimeTensor {
  readonly type: TensorType;
  readonly name: string;
  /** What computes it; undefined for an input. */
  readonly operation: Operation | undefined;
}

export class Scope {
  readonly program: Program;
  readonly function: MilFunction;
  /** The chip that the program is meant for, if it is known. */
  readonly chip: Chip | undefined;
  /** The function's ops and those of the blocks inside them, in order. */
  readonly operations: readonly Operation[];
  /** Those of them that are done at run time. */
  readonly computations: readonly Operation[];
  /** Tensors that the function takes (no operation) or computes at run time. */
  readonly tensors: readonly RunTimeTensor[];
  /** References to weight files, by the op that makes them. */
  readonly blobs: readonly (readonly [Operation, BlobReference])[];
  /** Compile-time values by name; undefined where a constexpr op computes them. */
  readonly constants: ConstantNames;
  readonly #producers = new Map<string, Operation>();
  readonly #byType = new Map<string, Operation[]>();
  readonly #inferences = new Map<Operation, Inference | undefined>();

  constructor(program: Program, fn: MilFunction, chip?: Chip) {
    this.program = program;
    this.function = fn;
    this.chip = chip;
    this.operations = withNested(fn.operations);
    const constants = new Map<string, AnyConstant | undefined>();
    const computations: Operation[] = [];
    const blobs: [Operation, BlobReference][] = [];
    const tensors: RunTimeTensor[] = [];
    const addTensor = ({ name, type }: AnyValue, operation?: Operation) => {
      if (type.kind === "tensor") tensors.push({ type, name, operation });
    };
    for (const input of fn.inputs) addTensor(input);
    for (const operation of this.operations) {
      const { type, outputs, attributes } = operation;
      const isConstant = isCompileTime(type);
      if (!isConstant) computations.push(operation);
      for (const blob of blobsOf(operation)) blobs.push([operation, blob]);
      outputs.forEach((output) => {
        this.#producers.set(output.name, operation);
        if (isConstant) constants.set(output.name, attributes.val);
        else addTensor(output, operation);
      });
      const alike = this.#byType.get(type);
      if (alike === undefined) this.#byType.set(type, [operation]);
      else alike.push(operation);
    }
    this.constants = constants;
    this.computations = computations;
    this.blobs = blobs;
    this.tensors = tensors;
  }

  /** True if there are ops of one of the types. */
  has(types: readonly string[]): boolean {
    return types.some((type) => this.#byType.has(type));
  }

  /** The ops of some types: in order, type by type. */
  operationsOf(types: readonly string[]): readonly Operation[] {
    if (types.length === 1) return this.#byType.get(types[0]!) ?? [];
    return types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** What follows from an op's arguments; undefined for ops that the function's opset does not know. */
  inference(operation: Operation): Inference | undefined {
    if (!this.#inferences.has(operation)) this.#inferences.set(operation, this.#infer(operation));
    return this.#inferences.get(operation);
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

  #infer(operation: Operation): Inference | undefined {
    if (isPlainConstant(operation)) return [operation.attributes.val!.type];
    const { opset = this.function.opset, blocks = [] } = operation;
    const definition = opDefinition(operation.type, opset);
    if (definition === undefined || !hasOpset(opset, definition.since)) return undefined;
    try {
      return inferOperation({
        definition,
        where: this.whereIs(operation),
        opset,
        arguments: parametersOf(definition, operation),
        constants: this.constants,
        blocks,
      });
    } catch (error) {
      if (error instanceof ShapeError) return error;
      throw error;
    }
  }

  #elements(argument: Argument | undefined): LiteralElements | undefined {
    if (argument === undefined || argument.kind === "tuple") return undefined;
    return constantElements(argument, this.constants);
  }
}

/** True for a const with its value, its name and nothing else, as nearly all are: that has the type of the value. */
function isPlainConstant({ type, attributes, inputs }: Operation): boolean {
  if (type !== "const" || !attributes.val || !attributes.name) return false;
  return Object.keys(attributes).length === 2 && Object.keys(inputs).length === 0;
}

/** Ops, each before those of its blocks. */
function withNested(operations: readonly Operation[]): readonly Operation[] {
  if (operations.every(({ blocks }) => blocks === undefined)) return operations;
  return operations.flatMap((operation) => [
    operation,
    ...(operation.blocks ?? []).flatMap((block) => withNested(block.operations)),
  ]);
}

/** All references to weight files among an op's attributes and arguments. */
function blobsOf({ attributes, inputs }: Operation): BlobReference[] {
  const found: BlobReference[] = [];
  const look = (argument: Argument) => {
    if (argument.kind === "blob") found.push(argument);
    else if (argument.kind === "tuple") argument.items.forEach(look);
  };
  for (const name in attributes) look(attributes[name]!);
  for (const name in inputs) look(inputs[name]!);
  return found;
}

/** Bytes of a tensor; NaN if it has unknown dims. */
export function bytesOf({ shape, dtype }: TensorType): number {
  return (shape.reduce((product, dim) => product * dim, 1) * DTYPES[dtype].bits) / 8;
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
