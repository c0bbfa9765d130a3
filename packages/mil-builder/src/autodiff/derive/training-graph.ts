/**
 * The ops of a joint function as a graph of tensors. Values that hold the same rows of S elements in the same order, whatever their
 * shapes, are one tensor: a kernel that has one of them has all of them. A tensor goes by the name of one of its values.
 */
import { isCompileTime, operandsOf } from "../../arguments.js";
import { isFloat } from "../../dtype.js";
import type { AnyValue, MilFunction, Operation, TensorType, Value } from "../../program.js";
import { elementCount } from "../../tensor-type.js";

const VIEWS = new Set(["reshape", "squeeze", "expand_dims", "transpose", "identity"]);

export class TrainingGraph {
  readonly main: MilFunction;
  readonly S: number;
  /** Everything but constants, in order. */
  readonly operations: readonly Operation[];
  readonly #producers = new Map<string, Operation>();
  readonly #position = new Map<Operation, number>();
  readonly #values = new Map<string, AnyValue>();
  /** Constants, parameters, and what is computed from nothing else. */
  readonly #fixed = new Set<string>();
  readonly #fromSeeds = new Set<string>();
  readonly #representative = new Map<string, string>();
  readonly #origin = new Map<string, Operation>();

  /**
   * @param seeds Names of the inputs that bring gradients.
   * @param parameters Names of the inputs that are parameters.
   */
  constructor(
    main: MilFunction,
    S: number,
    seeds: readonly string[],
    parameters: readonly string[],
  ) {
    this.main = main;
    this.S = S;
    this.operations = main.operations.filter(({ type }) => !isCompileTime(type));
    for (const value of main.inputs) {
      this.#values.set(value.name, value);
      if (parameters.includes(value.name)) this.#fixed.add(value.name);
      if (seeds.includes(value.name)) this.#fromSeeds.add(value.name);
    }
    main.operations.forEach((operation, position) => {
      this.#position.set(operation, position);
      const operands = operandsOf(operation);
      const isFixed = operands.every(({ name }) => this.#fixed.has(name));
      const isFromSeeds = operands.some(({ name }) => this.#fromSeeds.has(name));
      for (const value of operation.outputs) {
        this.#values.set(value.name, value);
        this.#producers.set(value.name, operation);
        if (isFixed) this.#fixed.add(value.name);
        if (isFromSeeds) this.#fromSeeds.add(value.name);
      }
    });
    this.#joinViews();
  }

  value(name: string): Value {
    return this.#values.get(name) as Value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What computes a value; undefined for inputs. */
  producer(name: string): Operation | undefined {
    return this.#producers.get(name);
  }

  /** True for constants, parameters and what follows from them alone: every kernel may have it. */
  isFixed(name: string): boolean {
    return this.#fixed.has(name);
  }

  /** True for gradients. */
  isFromSeeds(name: string): boolean {
    return this.#fromSeeds.has(name);
  }

  /** Elements of a constant argument of an op. */
  integers({ inputs }: Operation, name: string): readonly number[] {
    const argument = inputs[name];
    const constant =
      argument?.kind === "value" ? this.producer(argument.value.name)?.attributes.val : argument;
    return constant?.kind === "literal"
      ? Array.from(constant.elements as ArrayLike<unknown>, Number)
      : [];
  }

  /** The tensor that a value is. */
  tensorOf(name: string): string {
    return this.#representative.get(name) ?? name;
  }

  /** The op that computes a tensor; undefined for inputs. */
  origin(tensor: string): Operation | undefined {
    return this.#origin.get(tensor) ?? this.#producers.get(tensor);
  }

  position(operation: Operation): number {
    return this.#position.get(operation)!;
  }

  /** Tensors that an op computes with. */
  tensorsRead(operation: Operation): readonly string[] {
    const names = operandsOf(operation).map(({ name }) => name);
    return [...new Set(names.filter((name) => !this.isFixed(name)).map((n) => this.tensorOf(n)))];
  }

  /** Rows that a tensor has; undefined where it is none of rows of S, or not of floats: surfaces hold nothing else. */
  rows(tensor: string): number | undefined {
    return rowsOf(this.value(tensor).type, this.S);
  }

  bytes(tensor: string): number {
    const { shape, dtype } = this.value(tensor).type;
    return elementCount(shape) * (dtype === "fp16" ? 2 : 4);
  }

  #joinViews(): void {
    const members = new Map<string, string[]>();
    for (const operation of this.operations) {
      const [output] = operation.outputs as readonly Value[];
      const { x } = operation.inputs;
      if (!VIEWS.has(operation.type) || x?.kind !== "value") continue;
      if (this.isFixed(x.value.name)) continue;
      const perm = operation.type === "transpose" ? this.integers(operation, "perm") : undefined;
      if (!keepsRows(x.value as Value, output!, this.S, perm)) continue;
      const first = members.get(x.value.name) ?? [x.value.name];
      first.push(output!.name);
      for (const name of first) members.set(name, first);
    }
    for (const group of new Set(members.values())) {
      const chosen =
        group.find((name) => isChannelFirst(this.value(name).type)) ?? (group[0] as string);
      const origin = this.#producers.get(group[0]!);
      for (const name of group) this.#representative.set(name, chosen);
      if (origin !== undefined) this.#origin.set(chosen, origin);
    }
  }
}

function rowsOf({ dtype, shape }: TensorType, S: number): number | undefined {
  return isFloat(dtype) && shape.at(-1) === S ? elementCount(shape) / S : undefined;
}

/** [1, C, 1, S] */
function isChannelFirst({ shape }: TensorType): boolean {
  return shape.length === 4 && shape[0] === 1 && shape[2] === 1;
}

/** True if the op's result is the same rows of S elements in the same order. */
function keepsRows(
  x: Value,
  result: Value,
  S: number,
  perm: readonly number[] | undefined,
): boolean {
  const [from, to] = [x.type.shape, result.type.shape];
  if (from.at(-1) !== S || to.at(-1) !== S) return false;
  if (perm === undefined) return true;
  const long = perm.filter((axis) => from[axis] !== 1);
  return long.every((axis, index) => index === 0 || axis > long[index - 1]!);
}
