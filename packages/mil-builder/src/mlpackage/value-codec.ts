/** Constants between IR and model: tensors, lists, tuples and dictionaries written out, and references to weight files. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ArgumentError } from "../errors.js";
import type { AnyConstant, Attributes, Immediate, TensorType, ValueType } from "../program.js";
import { elementCount, formatType, isStaticShape, isUnknownDim, sameType } from "../tensor-type.js";
import { decodeElements, encodeElements } from "./elements-codec.js";
import { modelError } from "./package-error.js";
import type {
  TensorValue,
  Value_ImmediateValueSchema,
  Value as ValueMessage,
  ValueSchema,
} from "./proto/mil_value_pb.js";
import { sortedEntries } from "./sorted-entries.js";
import { decodeType, encodeType } from "./type-codec.js";

type ValueInit = MessageInitShape<typeof ValueSchema>;
type ImmediateInit = MessageInitShape<typeof Value_ImmediateValueSchema>;

/** @throws ArgumentError if the constant has no form in a model */
export function encodeValue(constant: AnyConstant): ValueInit {
  const type = encodeType(constant.type);
  if (constant.kind === "blob") {
    const value = { fileName: constant.path, offset: BigInt(constant.offset) };
    return { type, value: { case: "blobFileValue", value } };
  }
  return { type, value: { case: "immediateValue", value: encodeImmediate(constant) } };
}

function encodeImmediate(constant: Immediate): ImmediateInit {
  switch (constant.kind) {
    case "literal": {
      const { type, elements } = constant;
      if (type.shape.filter(isUnknownDim).length > 1) {
        throw new ArgumentError(
          `model: a constant has at most one unknown dim, got ${formatType(type)}. Give the dims numbers.`,
        );
      }
      return { value: { case: "tensor", value: encodeElements(type.dtype, elements) } };
    }
    case "sequence": {
      const values = constant.items.map(encodeValue);
      const name = constant.type.kind;
      return { value: { case: name, value: { values } } };
    }
    default: {
      const values = constant.entries.map(([key, value]) => ({
        key: encodeValue(key),
        value: encodeValue(value),
      }));
      return { value: { case: "dictionary", value: { values } } };
    }
  }
}

/** Attributes in the order of their names. */
export function encodeAttributes(attributes: Attributes): Record<string, ValueInit> {
  return Object.fromEntries(
    sortedEntries(attributes).map(([name, constant]) => [name, encodeValue(constant)]),
  );
}

/** @param field path of the message, for errors */
export function decodeAttributes(
  attributes: Readonly<Record<string, ValueMessage>>,
  field: string,
): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      decodeValue(value, `${field}["${name}"]`),
    ]),
  );
}

/** @param field path of the message, for errors */
export function decodeValue(message: ValueMessage, field: string): AnyConstant {
  if (message.value.case !== "blobFileValue") return decodeImmediate(message, undefined, field);
  const type = decodeType(message.type, `${field}.type`);
  const { fileName, offset } = message.value.value;
  if (type.kind !== "tensor" || !isStaticShape(type.shape)) {
    throw modelError(`${field}.type`, "a weight file holds tensors", formatType(type));
  }
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw modelError(`${field}.blobFileValue.offset`, "offsets are below 2^53", `${offset}`);
  }
  return { kind: "blob", type, path: fileName, offset: Number(offset) };
}

/** @param declared the type that the value around it states for its items */
function decodeImmediate(
  message: ValueMessage | undefined,
  declared: ValueType | undefined,
  field: string,
): Immediate {
  if (message?.value.case !== "immediateValue") {
    const actual = message?.value.case === undefined ? "none" : "a weight file";
    throw modelError(`${field}.immediateValue`, "a value is written out", actual);
  }
  const own =
    message.type === undefined && declared !== undefined
      ? declared
      : decodeType(message.type, `${field}.type`);
  const type = declared ?? own;
  const { value } = message.value.value;
  const place = `${field}.immediateValue.${value.case}`;
  if (value.case === "tensor" && type.kind === "tensor" && own.kind === "tensor") {
    return decodeTensor(value.value, type, own, place);
  }
  if (value.case === "list" && type.kind === "list") {
    const { values } = value.value;
    if (!isUnknownDim(type.length) && values.length !== type.length) {
      throw modelError(place, `${formatType(type)} has ${type.length} items`, `${values.length}`);
    }
    const items = values.map((item, index) =>
      decodeImmediate(item, type.element, `${place}.values[${index}]`),
    );
    return { kind: "sequence", type, items };
  }
  if (value.case === "tuple" && type.kind === "tuple") {
    const { values } = value.value;
    const items = type.elements.map((element, index) =>
      decodeImmediate(values[index], element, `${place}.values[${index}]`),
    );
    if (values.length > items.length) {
      throw modelError(place, `${formatType(type)} has ${items.length} items`, `${values.length}`);
    }
    return { kind: "sequence", type, items };
  }
  if (value.case === "dictionary" && type.kind === "dictionary") {
    const entries = value.value.values.map((entry, index) => {
      const at = `${place}.values[${index}]`;
      const key = decodeImmediate(entry.key, type.key, `${at}.key`);
      return [key, decodeImmediate(entry.value, type.value, `${at}.value`)] as const;
    });
    return { kind: "dictionary", type, entries };
  }
  throw modelError(`${field}.immediateValue`, `a value of ${formatType(type)}`, `${value.case}`);
}

/** An unknown dim follows from the item's own type or from the number of elements. */
function decodeTensor(
  message: TensorValue,
  type: TensorType,
  own: TensorType,
  field: string,
): Immediate {
  const { dtype } = type;
  if (own.dtype !== dtype || own.shape.length !== type.shape.length) {
    throw modelError(field, `an item of ${formatType(type)}`, formatType(own));
  }
  if (isStaticShape(type.shape)) {
    if (!sameType(own, type)) {
      throw modelError(field, `an item of ${formatType(type)}`, formatType(own));
    }
    const elements = decodeElements(message, dtype, elementCount(type.shape), field);
    return { kind: "literal", type, elements };
  }
  const isKnown = isStaticShape(own.shape);
  const count = isKnown ? elementCount(own.shape) : undefined;
  const elements = decodeElements(message, dtype, count, field);
  const shape = isKnown ? own.shape : extentsOf(own.shape, elements.length);
  if (shape === undefined) {
    const actual = `${elements.length} elements`;
    throw modelError(field, `elements fill ${formatType(type)}`, actual);
  }
  return { kind: "literal", type, elements, shape };
}

/** The shape with its one unknown dim replaced by what `count` elements need. */
function extentsOf(shape: readonly number[], count: number): readonly number[] | undefined {
  const rest = elementCount(shape.filter((dim) => !isUnknownDim(dim)));
  const extent = count === 0 ? 0 : count / rest;
  const fits = Number.isInteger(extent) && shape.filter(isUnknownDim).length === 1;
  return fits ? shape.map((dim) => (isUnknownDim(dim) ? extent : dim)) : undefined;
}
