/**
 * Reference interpreter: runs a program op by op in float64 on the definitions' own `evaluate`, rounding between ops as
 * asked. It is the oracle for devices, and with `float64` the function whose finite differences check gradients.
 */
import {
  type ConstantNames,
  constantElements,
  parametersOf,
  type SingleArgument,
} from "./arguments.js";
import { bindInputs } from "./bind-inputs.js";
import { readBlob } from "./blob.js";
import { decodeBlob, decodeLiteral } from "./decode-elements.js";
import { DTYPES, integerRange } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { roundArray } from "./float-format.js";
import { fromHalfArray } from "./half.js";
import type { OpDefinition } from "./op-definition.js";
import { opDefinition } from "./ops/table.js";
import type {
  BlobReference,
  Constant,
  MilFunction,
  Operation,
  Program,
  TensorType,
} from "./program.js";
import { type Tensor, zeros } from "./tensor.js";
import { elementCount, formatType, sameType } from "./tensor-type.js";

/**
 * Rounding of floating-point results: `fp16` to the declared dtype, once per op; `fp32` to fp32 whatever is declared;
 * `float64` none. Inside an op all arithmetic is float64.
 */
export type Numerics = "float64" | "fp16" | "fp32";

/** A tensor given to the interpreter; a Uint16Array for fp16 holds the bits of halfs. */
export interface TensorSource {
  readonly type: TensorType;
  readonly data: ArrayLike<number>;
}

/** How a program is interpreted. */
export interface InterpretOptions {
  /** Blob files by the path that the program uses. */
  readonly weights?: ReadonlyMap<string, Uint8Array>;
  readonly numerics: Numerics;
  /** `all` also returns every intermediate value, by SSA name. Default "outputs". */
  readonly keep?: "outputs" | "all";
  /** Which function of the program. Default "main". */
  readonly function?: string;
}

/**
 * Values of the outputs (or of everything) by name, in float64. The program must be valid, as `buildProgram` and `parse` make
 * it.
 * @throws ArgumentError if an input or weight is missing or of another type; FormatError if a blob cannot be read.
 */
export function interpret(
  program: Program,
  inputs: Readonly<Record<string, TensorSource>>,
  options: InterpretOptions,
): Record<string, Tensor> {
  const { function: wanted = "main", keep = "outputs" } = options;
  const main = program.functions.find(({ name }) => name === wanted);
  if (main === undefined) {
    const known = program.functions.map(({ name }) => name).join(", ");
    throw new ArgumentError(
      `interpret: the program has the functions ${known}, got "${wanted}". Name one of them.`,
    );
  }
  const run = new Run(main, options);
  for (const { name, type } of main.inputs) run.setInput(name, type, inputs[name]);
  for (const operation of main.operations) run.step(operation);
  return run.results(keep);
}

class Run {
  readonly #function: MilFunction;
  readonly #options: InterpretOptions;
  readonly #tensors = new Map<string, Tensor>();
  readonly #constants = new Map<string, Constant>();

  constructor(main: MilFunction, options: InterpretOptions) {
    this.#function = main;
    this.#options = options;
  }

  setInput(name: string, type: TensorType, source: TensorSource | undefined): void {
    if (source === undefined || !sameType(source.type, type)) {
      const actual = source === undefined ? "none" : formatType(source.type);
      throw new ArgumentError(
        `interpret: input "${name}" is ${formatType(type)}, got ${actual}. Pass a tensor of that type.`,
      );
    }
    const count = elementCount(type.shape);
    if (source.data.length !== count) {
      throw new ArgumentError(
        `interpret: input "${name}" has ${count} elements, got ${source.data.length}. Pass them all.`,
      );
    }
    const isHalfBits = source.data instanceof Uint16Array && type.dtype === "fp16";
    const data = Float64Array.from(isHalfBits ? fromHalfArray(source.data) : source.data);
    const tensor = { type, data };
    this.#round(tensor);
    this.#tensors.set(name, tensor);
  }

  step(operation: Operation): void {
    const { type, outputs, attributes } = operation;
    const definition = opDefinition(type);
    if (definition === undefined) {
      throw new ArgumentError(
        `interpret: ops must be in the table, got "${type}". Define it under ops/.`,
      );
    }
    if (type === "const") {
      this.#constants.set(outputs[0]!.name, attributes.val!);
      if (outputs[0]!.type.dtype === "string") return;
    }
    const results = outputs.map((output) => zeros(output.type));
    this.#evaluate(definition, operation, results);
    results.forEach((result, index) => {
      this.#round(result);
      this.#tensors.set(outputs[index]!.name, result);
    });
  }

  results(keep: "outputs" | "all"): Record<string, Tensor> {
    if (keep === "all") return Object.fromEntries(this.#tensors);
    return Object.fromEntries(
      this.#function.outputs.map(({ name }) => [name, this.#tensors.get(name)!]),
    );
  }

  #evaluate(definition: OpDefinition, operation: Operation, results: readonly Tensor[]): void {
    const [first, ...rest] = results;
    if (first === undefined) return;
    const constants: ConstantNames = this.#constants;
    const call = {
      definition,
      where: `${operation.type} "${operation.outputs[0]!.name}"`,
      opset: this.#function.opset,
      arguments: parametersOf(definition, operation),
      constants,
    };
    const inputs = bindInputs(call, {
      tensor: (argument) => this.#tensor(argument),
      elements: (argument) => constantElements(argument, constants) ?? this.#tensor(argument).data,
    });
    definition.evaluate(inputs, [first, ...rest]);
  }

  #tensor(argument: SingleArgument): Tensor {
    switch (argument.kind) {
      case "value":
        return this.#tensors.get(argument.value.name)!;
      case "literal":
        return { type: argument.type, data: decodeLiteral(argument.elements) };
      default:
        return { type: argument.type, data: this.#blob(argument) };
    }
  }

  #blob({ type, path, offset }: BlobReference): Float64Array {
    const file = this.#options.weights?.get(path);
    if (file === undefined) {
      throw new ArgumentError(
        `interpret: the program reads "${path}", got no such file. Pass it in "weights".`,
      );
    }
    const blob = readBlob(file, offset);
    const data = decodeBlob(blob, elementCount(type.shape));
    if (blob.dtype !== type.dtype || data.length !== elementCount(type.shape)) {
      throw new ArgumentError(
        `interpret: "${path}" at ${offset} is ${formatType(type)} for the program, got ${blob.length} elements of ${blob.dtype}. Pass the file that belongs to the program.`,
      );
    }
    return data;
  }

  /** To the values that the declared dtype can hold, as far as `numerics` says. */
  #round({ type, data }: Tensor): void {
    const { kind } = DTYPES[type.dtype];
    if (kind === "float") {
      if (this.#options.numerics === "fp16") roundArray(data, type.dtype);
      else if (this.#options.numerics === "fp32") roundArray(data, "fp32");
    } else if (kind !== "bool") {
      wrapIntegers(data, type);
    }
  }
}

/** Integers keep their low bits on overflow; fractions (of a division or mean) are cut off. */
function wrapIntegers(data: Float64Array, { dtype }: TensorType): void {
  const range = integerRange(dtype);
  const min = Number(range.min);
  const max = Number(range.max);
  for (let i = 0; i < data.length; i++) {
    const value = Math.trunc(data[i]!);
    data[i] = value >= min && value <= max ? value + 0 : wrapInteger(value, dtype);
  }
}

function wrapInteger(value: number, dtype: TensorType["dtype"]): number {
  if (!Number.isFinite(value)) return 0;
  const { kind, bits } = DTYPES[dtype];
  const wrap = kind === "signed" ? BigInt.asIntN : BigInt.asUintN;
  return Number(wrap(bits, BigInt(value)));
}
