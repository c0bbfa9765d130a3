/**
 * Flexible input shapes. Text has them as the function attribute FlexibleShapeInformation, made by the compiler from what a
 * model says in its description:
 *   tuple(("DefaultShapes", {input: shape}), ("RangeDims", {input: [[lowest, highest] per dim]}))
 *   or, in second place, ("EnumeratedShapes", {name: {input: shape}}); a model does not keep those names.
 */
import { ArgumentError } from "../errors.js";
import {
  type AnyConstant,
  type DictionaryType,
  type Immediate,
  type ListType,
  type Literal,
  type SequenceLiteral,
  type TupleType,
  UNKNOWN_DIM,
  type ValueType,
} from "../program.js";
import { formatType, scalar } from "../tensor-type.js";

export const FLEXIBLE_SHAPES = "FlexibleShapeInformation";

type Shape = readonly number[];

/** What an input's shape may be; without either, it is fixed. */
export interface ShapeFlexibility {
  readonly defaultShape: Shape;
  /** Lowest and highest extent of every dim; a negative highest one: none. */
  readonly ranges?: readonly (readonly [lowest: number, highest: number])[];
  readonly enumerated?: readonly Shape[];
}

/** By input. */
export type FlexibleShapes = ReadonlyMap<string, ShapeFlexibility>;

/** @throws ArgumentError if the attribute has another form */
export function parseFlexibleShapes(attribute: AnyConstant): FlexibleShapes {
  const sections = new Map<string, readonly (readonly [Immediate, Immediate])[]>();
  for (const section of itemsOf(attribute)) {
    const [name, dictionary] = itemsOf(section);
    if (name === undefined || dictionary?.kind !== "dictionary") throw malformed(attribute);
    sections.set(textOf(name), dictionary.entries);
  }
  const ranges = new Map(
    (sections.get("RangeDims") ?? []).map(([input, list]) => [
      textOf(input),
      itemsOf(list).map((range) => {
        const [lowest, highest] = shapeOf(range);
        if (lowest === undefined || highest === undefined) throw malformed(attribute);
        return [lowest, highest] as const;
      }),
    ]),
  );
  const enumerated = new Map<string, Shape[]>();
  for (const [, shapes] of sections.get("EnumeratedShapes") ?? []) {
    if (shapes.kind !== "dictionary") throw malformed(attribute);
    for (const [input, shape] of shapes.entries) {
      const name = textOf(input);
      enumerated.set(name, [...(enumerated.get(name) ?? []), shapeOf(shape)]);
    }
  }
  return new Map(
    (sections.get("DefaultShapes") ?? []).map(([input, shape]) => {
      const name = textOf(input);
      const range = ranges.get(name);
      const list = enumerated.get(name);
      return [
        name,
        {
          defaultShape: shapeOf(shape),
          ...(range === undefined ? {} : { ranges: range }),
          ...(list === undefined ? {} : { enumerated: list }),
        },
      ];
    }),
  );
}

const VECTOR: ValueType = { kind: "tensor", dtype: "int32", shape: [UNKNOWN_DIM] };
const PAIRS: ListType = {
  kind: "list",
  element: { kind: "tensor", dtype: "int32", shape: [2] },
  length: UNKNOWN_DIM,
};

/** The attribute again; enumerated shapes are named by their number. */
export function flexibleShapesAttribute(shapes: FlexibleShapes): SequenceLiteral {
  const inputs = [...shapes];
  const defaults = inputs.map(([input, { defaultShape }]) => entry(input, vector(defaultShape)));
  const sections = [section("DefaultShapes", VECTOR, defaults)];
  const count = Math.max(0, ...inputs.map(([, { enumerated = [] }]) => enumerated.length));
  if (count > 0) {
    const type: DictionaryType = { kind: "dictionary", key: scalar("string"), value: VECTOR };
    const configurations = Array.from({ length: count }, (_, index) => {
      const entries = inputs.flatMap(([input, { enumerated = [] }]) => {
        const shape = enumerated[index];
        return shape === undefined ? [] : [entry(input, vector(shape))];
      });
      const name = index.toString(16).padStart(8, "0");
      return entry(name, { kind: "dictionary", type, entries });
    });
    sections.push(section("EnumeratedShapes", type, configurations));
  }
  const ranged = inputs.flatMap(([input, { ranges }]) =>
    ranges === undefined ? [] : [entry(input, pairs(ranges))],
  );
  if (ranged.length > 0) sections.push(section("RangeDims", PAIRS, ranged));
  const type: TupleType = { kind: "tuple", elements: sections.map((item) => item.type) };
  return { kind: "sequence", type, items: sections };
}

function section(
  name: string,
  value: ValueType,
  entries: readonly (readonly [Immediate, Immediate])[],
): SequenceLiteral {
  const type: DictionaryType = { kind: "dictionary", key: scalar("string"), value };
  return {
    kind: "sequence",
    type: { kind: "tuple", elements: [scalar("string"), type] },
    items: [text(name), { kind: "dictionary", type, entries }],
  };
}

function entry(key: string, value: Immediate): readonly [Immediate, Immediate] {
  return [text(key), value];
}

function text(value: string): Literal {
  return { kind: "literal", type: scalar("string"), elements: [value] };
}

function vector(shape: Shape): Literal {
  return {
    kind: "literal",
    type: { kind: "tensor", dtype: "int32", shape: [UNKNOWN_DIM] },
    elements: Int32Array.from(shape),
    shape: [shape.length],
  };
}

function pairs(ranges: NonNullable<ShapeFlexibility["ranges"]>): SequenceLiteral {
  const items = ranges.map(
    (range): Literal => ({
      kind: "literal",
      type: { kind: "tensor", dtype: "int32", shape: [2] },
      elements: Int32Array.from(range),
    }),
  );
  return { kind: "sequence", type: PAIRS, items };
}

function itemsOf(constant: AnyConstant): readonly Immediate[] {
  if (constant.kind === "sequence") return constant.items;
  throw malformed(constant);
}

function shapeOf(constant: Immediate): Shape {
  if (constant.kind === "literal" && constant.elements instanceof Int32Array) {
    return [...constant.elements];
  }
  throw malformed(constant);
}

function textOf(constant: Immediate): string {
  const element = constant.kind === "literal" ? constant.elements[0] : undefined;
  if (typeof element === "string") return element;
  throw malformed(constant);
}

function malformed({ type }: AnyConstant): ArgumentError {
  return new ArgumentError(
    `model: ${FLEXIBLE_SHAPES} is a tuple of DefaultShapes and RangeDims or EnumeratedShapes, got ${formatType(type)} in it. Correct the attribute.`,
  );
}
