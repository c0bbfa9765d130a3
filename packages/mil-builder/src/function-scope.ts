/** The function under construction: its ops, names and constants. The typed face of it is `FunctionBuilder`. */
import { definedValues, isCompileTime, referencesOf } from "./arguments.js";
import { parameterSpec } from "./bind-inputs.js";
import { isValue, literalDType, type RawArgument, type RawArguments } from "./builder-arguments.js";
import { DTYPES } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { inferResult } from "./infer-operation.js";
import { type ConstantSource, literalKey, makeLiteral } from "./literal.js";
import { checkIdentifier, NameScope, sortedNames, valueSlug } from "./names.js";
import type { OpDefinition } from "./op-definition.js";
import { dtypesOf, type InputSpec } from "./parameter-spec.js";
import type {
  AnyConstant,
  AnyValue,
  Argument,
  Attributes,
  Block,
  Constant,
  ListType,
  Literal,
  MilFunction,
  Operation,
  Opset,
  TensorType,
  Value,
  ValueType,
} from "./program.js";
import { scalar, tensor } from "./tensor-type.js";

export class FunctionScope {
  readonly opset: Opset;
  readonly names = new NameScope();
  /** What stands before the op type in the names of ops that are given none. */
  prefix = "";
  readonly inputs: AnyValue[] = [];
  /** What the innermost block may refer to. */
  #values = new Set<AnyValue>();
  /** Compile-time values by name, undefined for those that compressed weights expand to. */
  readonly constants = new Map<string, AnyConstant | undefined>();
  /** Consts whose value was written into an op, so that they may be left out if nothing else refers to them. */
  readonly #inlined = new Set<AnyValue>();
  /** Ops of the innermost block. */
  #operations: Operation[] = [];
  /** Consts made from JavaScript literals that the block sees, by parameter and value. */
  #shared = new Map<string, Value>();

  constructor(opset: Opset) {
    this.opset = opset;
  }

  input<T extends ValueType>(name: string, type: T): Value<T> {
    checkIdentifier(name, "input");
    const value = this.#own(this.names.claim(name, "input"), type);
    this.inputs.push(value);
    return value;
  }

  constant(name: string, type: TensorType, source: ConstantSource): Value {
    return this.emitConstant(name, makeLiteral(type, source, `constant "${name}"`));
  }

  blob(name: string, type: TensorType, path: string, offset = 64): Value {
    if (DTYPES[type.dtype].blobCode === undefined) {
      throw new ArgumentError(
        `blob "${name}": a blob file holds numbers of at most 32 bits, got ${type.dtype}. Use f.constant.`,
      );
    }
    if (!Number.isSafeInteger(offset) || offset < 64 || offset % 64 !== 0) {
      throw new ArgumentError(
        `blob "${name}": the offset of a blob's metadata is a multiple of 64 from 64 on, got ${offset}. Use 64 for the first blob.`,
      );
    }
    return this.emitConstant(name, { kind: "blob", type, path, offset });
  }

  /** Appends the inputs and ops of a whole function as they stand, under their own names. */
  adopt({ inputs, operations }: MilFunction): void {
    for (const value of [...inputs, ...operations.flatMap(definedValues)]) {
      this.names.claim(value.name, "adopt");
    }
    for (const value of inputs) this.#values.add(value);
    this.inputs.push(...inputs);
    for (const operation of operations) {
      this.#operations.push(operation);
      for (const value of operation.outputs) {
        this.#values.add(value);
        if (isCompileTime(operation.type)) {
          this.constants.set(value.name, operation.attributes.val);
        }
      }
    }
  }

  /** The ops so far, but for consts that only stand inside other ops; `outputs` are what the function returns. */
  liveOperations(outputs: readonly AnyValue[]): readonly Operation[] {
    if (this.#inlined.size === 0) return this.#operations;
    const used = new Set<AnyValue>(outputs);
    for (const value of this.#operations.flatMap(referencesOf)) used.add(value);
    const isLive = (value: AnyValue) => !this.#inlined.has(value) || used.has(value);
    return this.#operations.filter((operation) => operation.outputs.every(isLive));
  }

  /** Appends an op; a list of values for an op that may have several results. @throws ShapeError, ArgumentError */
  call(definition: OpDefinition, raw: RawArguments, name?: string): AnyValue | readonly AnyValue[] {
    const { type } = definition;
    if (name !== undefined) checkIdentifier(name, type);
    const where = name === undefined ? type : `${type} "${name}"`;
    const site = { definition, where, opset: this.opset };
    const args: Record<string, Argument> = {};
    for (const parameter of sortedNames(raw)) {
      const given = raw[parameter];
      if (given === undefined) continue;
      const spec = parameterSpec(site, parameter);
      args[parameter] = this.#argument(where, definition, parameter, spec, given, raw);
    }
    return this.append(definition, args, name);
  }

  /** Appends an op whose arguments are MIL's. */
  append(
    definition: OpDefinition,
    given: Readonly<Record<string, Argument>>,
    name?: string,
    blocks: readonly Block[] = [],
  ): AnyValue | readonly AnyValue[] {
    const { type } = definition;
    const where = name === undefined ? type : `${type} "${name}"`;
    const site = { definition, where, opset: this.opset, constants: this.constants, blocks };
    const types = inferResult({ ...site, arguments: given });
    const args = isCompileTime(type) ? this.#inline(given) : given;
    return "kind" in types
      ? this.#emit(definition, args, [types], name, blocks)[0]!
      : this.#emit(definition, args, types, name, blocks);
  }

  /** A block whose ops are those that `body` appends; what it defines is not seen outside. */
  block(
    inputs: readonly AnyValue[],
    body: (values: readonly AnyValue[]) => readonly AnyValue[],
  ): Block {
    const [outerOperations, outerValues, outerShared] = [
      this.#operations,
      this.#values,
      this.#shared,
    ];
    this.#operations = [];
    this.#values = new Set(outerValues);
    this.#shared = new Map(outerShared);
    try {
      const own = inputs.map(({ name, type }) => this.#own(this.names.unique(`${name}_x0`), type));
      const outputs = body(own);
      for (const value of outputs) this.expectOwn(value, "block");
      return { inputs: own, operations: this.liveOperations(outputs), outputs };
    } finally {
      this.#operations = outerOperations;
      this.#values = outerValues;
      this.#shared = outerShared;
    }
  }

  /** @throws ArgumentError unless the value belongs to this function. */
  expectOwn(value: AnyValue, where: string): void {
    if (!this.#values.has(value)) {
      throw new ArgumentError(
        `${where}: values belong to the function that made them, got "${value.name}" of another. Pass it as an input.`,
      );
    }
  }

  #argument(
    where: string,
    definition: OpDefinition,
    parameter: string,
    spec: InputSpec,
    given: RawArgument,
    raw: RawArguments,
  ): Argument {
    if (isValue(given)) return this.#use(given, where);
    switch (spec.kind) {
      case "tuple":
      case "any_tuple": {
        const items = given as readonly AnyValue[];
        return { kind: "tuple", items: items.map((item) => this.#use(item, where)) };
      }
      case "integer_tuple":
      case "flag_tuple": {
        const dtype = dtypesOf(spec, this.opset)[0]!;
        const items = (given as readonly (AnyValue | number | boolean | string)[]).map((item) => {
          if (typeof item === "object") return this.#use(item, where);
          const type = scalar(typeof item === "string" ? "string" : dtype);
          return this.#literal(parameter, type, item, where);
        });
        return { kind: "tuple", items };
      }
      case "list":
        return { kind: "value", value: this.#emitList(parameter, given as readonly string[]) };
      case "any":
      case "state":
        throw new ArgumentError(`${where}: "${parameter}" takes a value, got a literal. Pass one.`);
    }
    const source = given as ConstantSource;
    const dtype =
      spec.kind === "tensor" || spec.kind === "scalar"
        ? literalDType(where, definition, parameter, spec, given, raw)
        : dtypesOf(spec, this.opset)[0]!;
    const type = Array.isArray(source) ? tensor(dtype, [source.length]) : scalar(dtype);
    return this.#literal(spec.kind === "tensor" ? dtype : parameter, type, source, where);
  }

  #literal(prefix: string, type: TensorType, source: ConstantSource, where: string): Argument {
    return { kind: "value", value: this.#share(prefix, type, source, where) };
  }

  #emitList(name: string, texts: readonly string[]): AnyValue {
    const element = scalar("string");
    const items = texts.map(
      (text): Literal => ({ kind: "literal", type: element, elements: [text] }),
    );
    const type: ListType = { kind: "list", element, length: texts.length };
    return this.emitConstant(name, { kind: "sequence", type, items });
  }

  #use(value: AnyValue, where: string): Argument {
    this.expectOwn(value, where);
    return { kind: "value", value };
  }

  #share(prefix: string, type: TensorType, source: ConstantSource, where: string): Value {
    const literal = makeLiteral(type, source, where);
    const key = `${prefix} ${literalKey(literal)}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const slug = valueSlug(source);
    const name = slug === undefined ? this.names.numbered(prefix) : `${prefix}_${slug}`;
    const value = this.emitConstant(name, literal);
    this.#shared.set(key, value);
    return value;
  }

  /** A const op under a name near `name`. */
  emitConstant<T extends ValueType>(
    name: string,
    val: AnyConstant & { readonly type: T },
  ): Value<T> {
    checkIdentifier(name, "const");
    const unique = this.names.unique(name);
    const value = this.#own<T>(unique, val.type);
    this.#operations.push({
      type: "const",
      inputs: {},
      attributes: { name: nameAttribute(unique), val },
      outputs: [value],
    });
    this.constants.set(unique, val);
    return value;
  }

  /** Constants written into the op itself, as compile-time ops have them. */
  #inline(args: Readonly<Record<string, Argument>>): Record<string, Argument> {
    const inlined = Object.entries(args).map(([parameter, argument]) => {
      if (argument.kind !== "value") return [parameter, argument] as const;
      const constant = this.constants.get(argument.value.name);
      if (constant === undefined) return [parameter, argument] as const;
      this.#inlined.add(argument.value);
      return [parameter, constant] as const;
    });
    return Object.fromEntries(inlined);
  }

  #emit(
    definition: OpDefinition,
    args: Readonly<Record<string, Argument>>,
    types: readonly ValueType[],
    name: string | undefined,
    blocks: readonly Block[],
  ): readonly AnyValue[] {
    const { type, inAttributes } = definition;
    const own =
      name === undefined ? this.names.numbered(`${this.prefix}${type}`) : this.names.unique(name);
    const outputs = types.map((result, index) =>
      this.#own(types.length === 1 ? own : this.names.unique(`${own}_${index}`), result),
    );
    this.#operations.push({
      type,
      inputs: inAttributes === true ? {} : args,
      attributes: {
        ...(inAttributes === true ? constantsOf(args, own) : {}),
        name: nameAttribute(own),
      },
      outputs,
      ...(blocks.length === 0 ? {} : { blocks }),
    });
    if (isCompileTime(type)) {
      for (const output of outputs) this.constants.set(output.name, undefined);
    }
    return outputs;
  }

  #own<T extends ValueType>(name: string, type: T): Value<T> {
    const value: Value<T> = { name, type };
    this.#values.add(value);
    return value;
  }
}

/** Arguments that are to stand in `[]`. @throws ArgumentError if one is computed by another compile-time op. */
function constantsOf(args: Readonly<Record<string, Argument>>, where: string): Attributes {
  const entries = Object.entries(args).map(([parameter, argument]) => {
    if (argument.kind === "value" || argument.kind === "tuple") {
      throw new ArgumentError(
        `${where}: "${parameter}" is written into the op, got a computed constant. Pass one made by f.constant or f.blob.`,
      );
    }
    return [parameter, argument] as const;
  });
  return Object.fromEntries(entries);
}

export function nameAttribute(name: string): Constant {
  return { kind: "literal", type: scalar("string"), elements: [name] };
}
