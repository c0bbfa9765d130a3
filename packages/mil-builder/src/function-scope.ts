/** The function under construction: its ops, names and constants. The typed face of it is `FunctionBuilder`. */
import { isCompileTime } from "./arguments.js";
import { dtypesOf, inferResult, parameterSpec } from "./bind-inputs.js";
import { DTYPES } from "./dtype.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { type ConstantSource, literalKey, makeLiteral } from "./literal.js";
import { checkIdentifier, NameScope, valueSlug } from "./names.js";
import type { InputSpec, OpDefinition } from "./op-definition.js";
import type { Argument, Constant, DType, Operation, Opset, TensorType, Value } from "./program.js";
import { scalar, tensor } from "./tensor-type.js";

/** What a builder method is given per parameter. */
export type RawArgument =
  | Value
  | readonly Value[]
  | Exclude<ConstantSource, ArrayLike<number>>
  | readonly number[];
export type RawArguments = Readonly<Record<string, RawArgument | undefined>>;

export class FunctionScope {
  readonly opset: Opset;
  readonly names = new NameScope();
  readonly inputs: Value[] = [];
  readonly operations: Operation[] = [];
  readonly #values = new Set<Value>();
  readonly #constants = new Map<string, Constant | undefined>();
  /** Consts made from JavaScript literals, by parameter and value. */
  readonly #shared = new Map<string, Value>();

  constructor(opset: Opset) {
    this.opset = opset;
  }

  input(name: string, type: TensorType): Value {
    checkIdentifier(name, "input");
    const value = this.#own(this.names.claim(name, "input"), type);
    this.inputs.push(value);
    return value;
  }

  constant(name: string, type: TensorType, source: ConstantSource): Value {
    return this.#emitConstant(name, makeLiteral(type, source, `constant "${name}"`));
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
    return this.#emitConstant(name, { kind: "blob", type, path, offset });
  }

  /** Appends an op; a list of values for an op that may have several results. @throws ShapeError, ArgumentError */
  call(definition: OpDefinition, raw: RawArguments, name?: string): Value | readonly Value[] {
    const { type } = definition;
    if (name !== undefined) checkIdentifier(name, type);
    const where = name === undefined ? type : `${type} "${name}"`;
    const site = { definition, where, opset: this.opset };
    const args: Record<string, Argument> = {};
    for (const parameter of Object.keys(raw).sort()) {
      const given = raw[parameter];
      if (given === undefined) continue;
      const spec = parameterSpec(site, parameter);
      args[parameter] = this.#argument(where, definition, parameter, spec, given, raw);
    }
    const types = inferResult({ ...site, arguments: args, constants: this.#constants });
    return "kind" in types
      ? this.#emit(type, args, [types], name)[0]!
      : this.#emit(type, args, types, name);
  }

  /** @throws ArgumentError unless the value belongs to this function. */
  expectOwn(value: Value, where: string): void {
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
    if (spec.kind === "tuple") {
      const items = given as readonly Value[];
      return { kind: "tuple", items: items.map((item) => this.#use(item, where)) };
    }
    const source = given as Exclude<RawArgument, Value | readonly Value[]>;
    const isTensor = spec.kind === "tensor";
    const dtype =
      isTensor || spec.kind === "real"
        ? literalDType(where, definition, parameter, spec.variable, raw)
        : dtypesOf(spec, this.opset)[0]!;
    const type = Array.isArray(source) ? tensor(dtype, [source.length]) : scalar(dtype);
    return { kind: "value", value: this.#share(isTensor ? dtype : parameter, type, source, where) };
  }

  #use(value: Value, where: string): Argument {
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
    const value = this.#emitConstant(name, literal);
    this.#shared.set(key, value);
    return value;
  }

  #emitConstant(name: string, val: Constant): Value {
    checkIdentifier(name, "const");
    const unique = this.names.unique(name);
    const value = this.#own(unique, val.type);
    this.operations.push({
      type: "const",
      inputs: {},
      attributes: { name: nameAttribute(unique), val },
      outputs: [value],
    });
    this.#constants.set(unique, val);
    return value;
  }

  #emit(
    type: string,
    inputs: Readonly<Record<string, Argument>>,
    types: readonly TensorType[],
    name: string | undefined,
  ): readonly Value[] {
    const own = name === undefined ? this.names.numbered(type) : this.names.unique(name);
    const outputs = types.map((result, index) =>
      this.#own(types.length === 1 ? own : this.names.unique(`${own}_${index}`), result),
    );
    this.operations.push({ type, inputs, attributes: { name: nameAttribute(own) }, outputs });
    if (isCompileTime(type)) {
      for (const output of outputs) this.#constants.set(output.name, undefined);
    }
    return outputs;
  }

  #own(name: string, type: TensorType): Value {
    const value: Value = { name, type };
    this.#values.add(value);
    return value;
  }
}

export function nameAttribute(name: string): Constant {
  return { kind: "literal", type: scalar("string"), elements: [name] };
}

function isValue(given: RawArgument): given is Value {
  return typeof given === "object" && "name" in given && "type" in given;
}

/** A literal takes the dtype of the other tensors of its type variable, or of one that it may be tied to. */
function literalDType(
  where: string,
  definition: OpDefinition,
  parameter: string,
  variable: string,
  raw: RawArguments,
): DType {
  const related = (other: string) =>
    other === variable ||
    definition.types[variable]?.tiedTo?.variable === other ||
    definition.types[other]?.tiedTo?.variable === variable;
  for (const [name, spec] of Object.entries(definition.inputs)) {
    if (spec.kind !== "tensor" && spec.kind !== "tuple") continue;
    const given = raw[name];
    const value = spec.kind === "tuple" ? (given as readonly Value[] | undefined)?.[0] : given;
    if (value !== undefined && isValue(value) && related(spec.variable)) return value.type.dtype;
  }
  const { domain } = definition.types[variable]!;
  if (Array.isArray(domain) && domain.length === 1) return domain[0] as DType;
  throw new ShapeError({
    op: where,
    rule: `"${parameter}" is a literal and takes its dtype from another operand`,
    expected: "a value among the operands, or a constant made by f.constant",
    actual: "literals only",
  });
}
