/**
 * Reference interpreter: runs a program op by op in float64 on the definitions' own `evaluate`, rounding between ops as
 * asked. It is the oracle for devices, and with `float64` the function whose finite differences check gradients.
 */
import { constantElements, isCompileTime, parametersOf, type SingleArgument } from "./arguments.js";
import { bindInputs, type OpCall } from "./bind-inputs.js";
import { decodeBlob } from "./blob/blob-codec.js";
import { readBlob } from "./blob/read-blob-file.js";
import { decodeLiteral } from "./decode-elements.js";
import { DTYPES, integerRange, isFloat } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { Engine, type EngineEvaluate } from "./evaluate/engine/evaluators.js";
import { roundAllHalfAway } from "./evaluate/engine/round-half-away.js";
import { roundArray } from "./float-format.js";
import { fromHalfArray } from "./half.js";
import { inferScope } from "./infer-operation.js";
import type { OpDefinition } from "./op-definition.js";
import { opDefinition } from "./ops/table.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  BlobReference,
  Block,
  LiteralElements,
  MilFunction,
  Operation,
  Program,
  TensorType,
} from "./program.js";
import { type Tensor, zeros } from "./tensor.js";
import {
  compatibleTypes,
  elementCount,
  formatType,
  isStaticShape,
  tensorTypeOf,
} from "./tensor-type.js";

/**
 * Rounding of floating-point results: `fp16` to the declared dtype, once per op; `fp32` to fp32 whatever is declared;
 * `float64` none. Inside an op all arithmetic is float64. `ane` is the engine's own arithmetic, in which every float is an fp16:
 * products summed in Q15.16 with sticky infinity, activations by table, halves rounded away from zero (docs/numerics.md).
 */
export type Numerics = "float64" | "fp16" | "fp32" | "ane";

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
 * Values of the outputs (or of everything) by name, in float64, and of the function's states as the run leaves them. The program must be valid, as `buildProgram` and `parse` make
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
  for (const value of main.inputs) run.setInput(value, inputs[value.name]);
  run.steps(main.operations);
  return run.results(keep);
}

class Run {
  readonly #function: MilFunction;
  readonly #options: InterpretOptions;
  readonly #engine = new Engine();
  readonly #tensors = new Map<string, Tensor>();
  readonly #constants = new Map<string, AnyConstant | undefined>();

  constructor(main: MilFunction, options: InterpretOptions) {
    this.#function = main;
    this.#options = options;
  }

  /** A state that is not given begins with zeros. */
  setInput(value: AnyValue, source: TensorSource | undefined): void {
    const { name, type: own } = value;
    const declared = tensorTypeOf(own.kind === "state" ? { name, type: own.wrapped } : value);
    if (own.kind === "state" && source === undefined) {
      this.#tensors.set(name, zeros(declared));
      return;
    }
    if (
      source === undefined ||
      !compatibleTypes(source.type, declared) ||
      !isStaticShape(source.type.shape)
    ) {
      const actual = source === undefined ? "none" : formatType(source.type);
      throw new ArgumentError(
        `interpret: input "${name}" is ${formatType(declared)}, got ${actual}. Pass a tensor of that type.`,
      );
    }
    const { type } = source;
    const count = elementCount(type.shape);
    if (source.data.length !== count) {
      throw new ArgumentError(
        `interpret: input "${name}" has ${count} elements, got ${source.data.length}. Pass them all.`,
      );
    }
    const isHalfBits = source.data instanceof Uint16Array && type.dtype === "fp16";
    const data = Float64Array.from(isHalfBits ? fromHalfArray(source.data) : source.data);
    const tensor = { type, data };
    // The CPU writes the surface, and rounds halves to even.
    if (this.#options.numerics === "ane" && isFloat(type.dtype)) roundArray(data, "fp16");
    this.#round(tensor);
    this.#tensors.set(name, tensor);
  }

  /** Runs ops in order. */
  steps(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const { type, outputs, attributes } = operation;
      if (isCompileTime(type)) {
        for (const { name } of outputs) this.#constants.set(name, attributes.val);
      }
      if (type === "const" && !isNumeric(attributes.val!)) continue;
      this.#step(operation).forEach((result, index) => {
        this.#round(result);
        this.#tensors.set(outputs[index]!.name, result);
      });
    }
  }

  results(keep: "outputs" | "all"): Record<string, Tensor> {
    if (keep === "all") return Object.fromEntries(this.#tensors);
    const { inputs, outputs } = this.#function;
    const states = inputs.filter(({ type }) => type.kind === "state");
    return Object.fromEntries(
      [...outputs, ...states].map(({ name }) => [name, this.#tensors.get(name)!]),
    );
  }

  /** The results of one op. */
  #step(operation: Operation): readonly Tensor[] {
    const { type, inputs, outputs, blocks } = operation;
    const [first, second] = blocks ?? [];
    switch (type) {
      case "read_state":
        return [this.#value(inputs.input!)];
      case "write_state":
        this.#tensors.set(nameOf(inputs.input!), this.#value(inputs.data!));
        return [];
      case "cond":
        return this.#block(this.#value(inputs.pred!).data[0] !== 0 ? first! : second!, []);
      case "while_loop": {
        const given = inputs.loop_vars!;
        let values = (given.kind === "tuple" ? given.items : [given]).map((it) => this.#value(it));
        while (this.#block(first!, values)[0]!.data[0] !== 0) values = this.#block(second!, values);
        return values;
      }
    }
    const definition = opDefinition(type, operation.opset ?? this.#function.opset);
    if (definition === undefined) {
      throw new ArgumentError(
        `interpret: ops must be in the table, got "${type}"${outputs.length > 0 ? ` for "${outputs[0]!.name}"` : ""}. Define it under ops/.`,
      );
    }
    return this.#evaluate(definition, operation);
  }

  #block({ inputs, operations, outputs }: Block, values: readonly Tensor[]): Tensor[] {
    inputs.forEach(({ name }, index) => {
      this.#tensors.set(name, values[index]!);
    });
    this.steps(operations);
    return outputs.map(({ name }) => this.#tensors.get(name)!);
  }

  #value(argument: Argument): Tensor {
    return this.#tensor(argument as SingleArgument);
  }

  #evaluate(definition: OpDefinition, operation: Operation): readonly Tensor[] {
    const call = {
      definition,
      where: `${operation.type} "${operation.outputs[0]?.name ?? ""}"`,
      opset: operation.opset ?? this.#function.opset,
      arguments: parametersOf(definition, operation),
      constants: this.#constants,
    };
    if (definition.evaluate === undefined) {
      throw new ArgumentError(
        `interpret: ${call.where}: ops must be computable, got one that is not: ${definition.refused}. Replace it.`,
      );
    }
    const tensor = (argument: SingleArgument) => this.#tensor(argument);
    const inputs = bindInputs(call, { tensor, any: tensor, elements: this.#elements });
    const [first, ...rest] = this.#resultTypes(call, operation, inputs).map(zeros);
    if (first === undefined) return [];
    const { evaluate } = definition;
    if (this.#options.numerics !== "ane") evaluate(inputs, [first, ...rest]);
    else {
      const { type } = operation;
      this.#engine.evaluate(type, evaluate as EngineEvaluate, inputs, [first, ...rest]);
    }
    return [first, ...rest];
  }

  /** Types of the results; where declared dims are unknown, those that follow from the elements of the inputs. */
  #resultTypes(
    call: OpCall,
    { outputs }: Operation,
    inputs: Readonly<Record<string, never>>,
  ): readonly TensorType[] {
    const declared = outputs.map(tensorTypeOf);
    if (declared.every(({ shape }) => isStaticShape(shape))) return declared;
    if (call.definition.measure !== undefined) return call.definition.measure(inputs);
    const type = (argument: SingleArgument) => this.#tensor(argument).type;
    const types = call.definition.infer(
      bindInputs(call, { tensor: type, any: type, elements: this.#elements }),
      inferScope(call, this.#elements),
    );
    return ("kind" in types ? [types] : types) as readonly TensorType[];
  }

  readonly #elements = (argument: SingleArgument): LiteralElements =>
    constantElements(argument, this.#constants) ?? this.#tensor(argument).data;

  #tensor(argument: SingleArgument): Tensor {
    switch (argument.kind) {
      case "value":
        return this.#tensors.get(argument.value.name)!;
      case "literal":
        return { type: argument.type, data: decodeLiteral(argument.elements) };
      case "blob":
        return { type: argument.type, data: this.#blob(argument) };
      default:
        throw new ArgumentError(
          `interpret: arguments are tensors, got a ${formatType(argument.type)}. Pass its items one by one.`,
        );
    }
  }

  #blob({ type, path, offset }: BlobReference): Float64Array {
    const file = this.#options.weights?.get(path);
    if (file === undefined) {
      throw new ArgumentError(
        `interpret: the program reads "${path}", got no such file. Pass it in "weights".`,
      );
    }
    const blob = readBlob(file, offset, { mode: "lenient" });
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
      else if (this.#options.numerics === "ane") roundAllHalfAway(data);
    } else if (kind !== "bool") {
      wrapIntegers(data, type);
    }
  }
}

function nameOf(argument: Argument): string {
  if (argument.kind === "value") return argument.value.name;
  throw new ArgumentError(
    "interpret: a state is a function input, got a constant. Pass the input.",
  );
}

/** True for constants that have a tensor of numbers or booleans. */
function isNumeric({ type }: AnyConstant): boolean {
  return type.kind === "tensor" && type.dtype !== "string";
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
