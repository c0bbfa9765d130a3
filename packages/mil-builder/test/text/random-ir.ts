/**
 * Random programs of every construct that has a text form, whether they mean anything or not: ops that are in no table,
 * values of all types, constants of all types, attributes anywhere.
 */
import fc from "fast-check";
import { DTYPES, integerRange, isWideInteger } from "../../src/dtype.js";
import { roundToDType } from "../../src/float-format.js";
import {
  type AnyConstant,
  type AnyValue,
  type Argument,
  type Attributes,
  type DType,
  type Immediate,
  type LiteralElements,
  type MilFunction,
  type Operation,
  type Opset,
  type Program,
  type TensorType,
  UNKNOWN_DIM,
  type ValueType,
} from "../../src/index.js";
import { elementCount, isStaticShape, isUnknownDim } from "../../src/tensor-type.js";

/** Records that compare strictly equal to object literals. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T, keyof T>(model, { noNullPrototype: true });
}

const dtype = fc.constantFrom(...(Object.keys(DTYPES) as DType[]));
const opset = fc.constantFrom<Opset>("ios15", "ios16", "ios17", "ios18", "ios26");
const dim = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) },
  fc.constant(UNKNOWN_DIM),
);
const tensorType: fc.Arbitrary<TensorType> = record({
  kind: fc.constant("tensor" as const),
  dtype,
  shape: fc.array(dim, { maxLength: 3 }),
});

const { constantType, anyType } = fc.letrec<{ constantType: ValueType; anyType: ValueType }>(
  (tie) => ({
    /** Types that can be written out as constants. */
    constantType: fc.oneof(
      { maxDepth: 2, depthIdentifier: "type" },
      { weight: 4, arbitrary: tensorType },
      record({ kind: fc.constant("list" as const), element: tie("constantType"), length: dim }),
      record({
        kind: fc.constant("tuple" as const),
        elements: fc.array(tie("constantType"), { minLength: 1, maxLength: 3 }),
      }),
      record({
        kind: fc.constant("dictionary" as const),
        key: tie("constantType"),
        value: tie("constantType"),
      }),
    ),
    anyType: fc.oneof(
      { maxDepth: 2, depthIdentifier: "type" },
      { weight: 4, arbitrary: tie("constantType") },
      record({ kind: fc.constant("state" as const), wrapped: tie("anyType") }),
      record({
        kind: fc.constant("tensor_buffer" as const),
        dtype,
        shape: fc.array(fc.nat({ max: 9 })),
        strides: fc.array(fc.nat({ max: 9 })),
        interleaveFactors: fc.array(fc.nat({ max: 9 })),
      }),
    ),
  }),
);

/** What the language can hold in quotes: anything but quotes, backslashes and line breaks. */
const text = fc
  .string({ unit: "grapheme", maxLength: 6 })
  .map((value) => value.replace(/["\\\n\r]/g, "'"));

const WORDS = ["fp16", "string", "tensor", "list", "state", "func", "true", "inf", "BLOBFILE"];
const identifier = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_@]{0,6}$/) },
  fc.constantFrom(...WORDS, "__proto__", "toString"),
);

function elements(type: DType, count: number): fc.Arbitrary<LiteralElements> {
  const exactly = { minLength: count, maxLength: count };
  const { kind } = DTYPES[type];
  if (kind === "bool") return fc.array(fc.boolean(), exactly);
  if (kind === "string") return fc.array(text, exactly);
  if (kind === "float") {
    const number = fc
      .oneof(fc.double(), fc.float(), fc.integer())
      .map((x) => roundToDType(x, type));
    return fc.array(number, exactly).map((list) => Float64Array.from(list));
  }
  const integers = fc.array(fc.bigInt(integerRange(type)), exactly);
  return isWideInteger(type) ? integers : integers.map((list) => Int32Array.from(list, Number));
}

/** Extents that leave nothing open; what lies inside of an empty dim is written nowhere and has extent 0. */
function extentsOf(shape: readonly number[]): fc.Arbitrary<readonly number[]> {
  const known = shape.map((extent) =>
    isUnknownDim(extent) ? fc.nat({ max: 2 }) : fc.constant(extent),
  );
  return fc.tuple(...known).map((extents) => {
    const empty = extents.indexOf(0);
    return extents.map((extent, axis) =>
      empty >= 0 && axis > empty && isUnknownDim(shape[axis]!) ? 0 : extent,
    );
  });
}

function immediate(type: ValueType): fc.Arbitrary<Immediate> {
  switch (type.kind) {
    case "tensor":
      return extentsOf(type.shape).chain((shape) =>
        elements(type.dtype, elementCount(shape)).map((list) =>
          isStaticShape(type.shape)
            ? { kind: "literal", type, elements: list }
            : { kind: "literal", type, elements: list, shape },
        ),
      );
    case "list": {
      const length = isUnknownDim(type.length)
        ? { maxLength: 2 }
        : { minLength: type.length, maxLength: type.length };
      return fc
        .array(immediate(type.element), length)
        .map((items) => ({ kind: "sequence", type, items }));
    }
    case "tuple":
      return fc
        .tuple(...type.elements.map(immediate))
        .map((items) => ({ kind: "sequence", type, items }));
    case "dictionary":
      return fc
        .array(fc.tuple(immediate(type.key), immediate(type.value)), { maxLength: 2 })
        .map((entries) => ({ kind: "dictionary", type, entries }));
    default:
      throw new Error(`no constants of ${type.kind}`);
  }
}

const constant: fc.Arbitrary<AnyConstant> = fc.oneof(
  { weight: 3, arbitrary: constantType.chain(immediate) },
  record({
    kind: fc.constant("blob" as const),
    type: tensorType,
    path: text,
    offset: fc.maxSafeNat(),
  }),
);

const attributes: fc.Arbitrary<Attributes> = fc.dictionary(identifier, constant, {
  maxKeys: 3,
  noNullPrototype: true,
});

/** A statement before its operands are chosen among the values defined so far. */
interface Draft {
  readonly type: string;
  readonly opset: Opset | undefined;
  readonly attributes: Attributes;
  readonly outputs: readonly AnyValue[];
  readonly inputs: readonly (readonly [string, Operand])[];
}

type Operand = number | readonly Operand[] | AnyConstant;

const operand = fc.letrec<{ operand: Operand }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 2, depthIdentifier: "operand" },
    { weight: 4, arbitrary: fc.nat() },
    constant,
    // A tuple of one is written like its item, so that only definitions could tell them apart.
    fc.array(tie("operand"), { minLength: 2, maxLength: 3 }),
  ),
})).operand;

const value: fc.Arbitrary<AnyValue> = record({ name: identifier, type: anyType });

const draft: fc.Arbitrary<Draft> = record({
  type: identifier.map((name) => `x_${name}`),
  opset: fc.option(opset, { nil: undefined }),
  attributes,
  outputs: fc.array(value, { maxLength: 3 }),
  inputs: fc.uniqueArray(fc.tuple(identifier, operand), {
    maxLength: 3,
    selector: ([name]) => name,
  }),
});

const milFunction: fc.Arbitrary<MilFunction> = record({
  name: identifier,
  opset,
  inputs: fc.array(value, { maxLength: 3 }),
  attributes,
  drafts: fc.array(draft, { maxLength: 5 }),
  outputs: fc.array(fc.nat(), { maxLength: 3 }),
}).map(({ name, opset: main, inputs, attributes: own, drafts, outputs }) => {
  const values: AnyValue[] = [];
  const define = (wished: readonly AnyValue[]) =>
    wished.filter((candidate, index) => {
      const isNew = ![...values, ...wished.slice(0, index)].some(
        (other) => other.name === candidate.name,
      );
      return isNew;
    });
  const ports = define(inputs);
  values.push(...ports);
  const operations = drafts.map((statement): Operation => {
    const resolved = statement.inputs.flatMap(([parameter, given]) => {
      const argument = resolve(given, values);
      return argument === undefined ? [] : [[parameter, argument] as const];
    });
    const results = define(statement.outputs);
    values.push(...results);
    return {
      type: statement.type,
      ...(statement.opset === undefined ? {} : { opset: statement.opset }),
      inputs: Object.fromEntries(resolved),
      attributes: statement.attributes,
      outputs: results,
    };
  });
  const returned =
    values.length === 0 ? [] : outputs.map((index) => values[index % values.length]!);
  return {
    name,
    opset: main,
    inputs: ports,
    ...(Object.keys(own).length === 0 ? {} : { attributes: own }),
    operations,
    outputs: returned,
  };
});

/** Undefined if there is no value yet that it could name. */
function resolve(given: Operand, values: readonly AnyValue[]): Argument | undefined {
  if (typeof given === "number") {
    const found = values[given % values.length];
    return found && { kind: "value", value: found };
  }
  if (!isTuple(given)) return given;
  const items = given.map((item) => resolve(item, values));
  return items.every((item) => item !== undefined) ? { kind: "tuple", items } : undefined;
}

function isTuple(given: readonly Operand[] | AnyConstant): given is readonly Operand[] {
  return Array.isArray(given);
}

export const randomIr: fc.Arbitrary<Program> = record({
  version: fc.constantFrom("1.0" as const, "1.3" as const),
  buildInfo: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  attributes,
  functions: fc.uniqueArray(milFunction, { maxLength: 2, selector: ({ name }) => name }),
}).map(({ attributes: all, ...program }) => {
  const { buildInfo: _, ...others } = all;
  return Object.keys(others).length === 0 ? program : { ...program, attributes: others };
});
