/**
 * Elements of immediate tensors between IR and model: fp32, fp64, bool and string in fields of their own, integers of 16 bits
 * and int32 as ints, those of 64 bits as long ints, everything else as the bytes that a blob would hold.
 * Source: coremltools converters/mil/backend/mil/helper.py (IMMEDIATE_VALUE_TYPES_IN_BYTES); bf16 and fp8, which it does not
 * write, are taken to be bytes as well.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { arrayKind } from "../blob/blob.js";
import { decodeBlob, encodeBlob } from "../blob/blob-codec.js";
import { decodeLiteral } from "../decode-elements.js";
import { DTYPES, integerRange, isWideInteger } from "../dtype.js";
import type { DType, LiteralElements } from "../program.js";
import { modelError } from "./package-error.js";
import type { TensorValue, TensorValueSchema } from "./proto/mil_value_pb.js";

type FieldName = NonNullable<TensorValue["value"]["case"]>;

/** The field that holds elements of a dtype. */
function fieldOf(dtype: DType): FieldName {
  switch (dtype) {
    case "fp32":
      return "floats";
    case "fp64":
      return "doubles";
    case "bool":
      return "bools";
    case "string":
      return "strings";
    case "int16":
    case "uint16":
    case "int32":
      return "ints";
    case "int64":
    case "uint64":
      return "longInts";
    default:
      return "bytes";
  }
}

export function encodeElements(
  dtype: DType,
  elements: LiteralElements,
): MessageInitShape<typeof TensorValueSchema> {
  const field = fieldOf(dtype);
  switch (field) {
    case "bools":
      return { value: { case: field, value: { values: [...(elements as readonly boolean[])] } } };
    case "strings":
      return { value: { case: field, value: { values: [...(elements as readonly string[])] } } };
    case "longInts": {
      // The field is signed: uint64 keeps its bits.
      const values = Array.from(elements as readonly bigint[], (value) => BigInt.asIntN(64, value));
      return { value: { case: field, value: { values } } };
    }
    case "bytes": {
      const { data } = encodeBlob(dtype, decodeLiteral(elements));
      const values = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
      return { value: { case: field, value: { values } } };
    }
    default:
      return { value: { case: field, value: { values: Array.from(elements as Float64Array) } } };
  }
}

/** @param count number of elements, or undefined to take as many as there are. @param field path of the message */
export function decodeElements(
  { value }: TensorValue,
  dtype: DType,
  count: number | undefined,
  field: string,
): LiteralElements {
  const wanted = fieldOf(dtype);
  if (value.case !== wanted) {
    const rule = `elements of ${dtype} are in "${wanted}"`;
    throw modelError(field, rule, value.case === undefined ? "none" : `"${value.case}"`);
  }
  const place = `${field}.${wanted}`;
  switch (value.case) {
    case "bytes":
      return decodeBytes(value.value.values, dtype, count, place);
    case "bools":
      return counted(value.value.values, count, place);
    case "strings":
      return counted(value.value.values, count, place);
    case "longInts": {
      const wrap = dtype === "uint64" ? BigInt.asUintN : BigInt.asIntN;
      return counted(value.value.values, count, place).map((element) => wrap(64, element));
    }
    case "ints":
      return decodeInts(counted(value.value.values, count, place), dtype, place);
    default:
      return Float64Array.from(counted(value.value.values, count, place));
  }
}

function decodeInts(values: readonly number[], dtype: DType, field: string): Int32Array {
  const { min, max } = integerRange(dtype);
  const outside = values.find((value) => value < min || value > max);
  if (outside !== undefined) {
    throw modelError(field, `elements of ${dtype} lie in ${min}..${max}`, `${outside}`);
  }
  return Int32Array.from(values);
}

function decodeBytes(
  bytes: Uint8Array,
  dtype: DType,
  count: number | undefined,
  field: string,
): LiteralElements {
  const { bits, kind } = DTYPES[dtype];
  const length = count ?? Math.floor((bytes.length * 8) / bits);
  const size = Math.ceil((length * bits) / 8);
  if (bytes.length !== size) {
    const rule = `${length} elements of ${dtype} take ${size} bytes`;
    throw modelError(field, rule, `${bytes.length}`);
  }
  // A copy: bytes of a message need not be aligned (and Buffer.slice is none).
  const data = new (arrayKind(dtype))(new Uint8Array(bytes).buffer);
  const elements = decodeBlob({ dtype, data, length });
  if (kind === "float") return elements;
  return isWideInteger(dtype) ? Array.from(elements, BigInt) : Int32Array.from(elements);
}

function counted<T>(values: readonly T[], count: number | undefined, field: string): readonly T[] {
  if (count === undefined || values.length === count) return values;
  throw modelError(field, `the tensor has ${count} elements`, `${values.length}`);
}
