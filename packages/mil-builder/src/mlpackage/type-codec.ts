/** Types between IR and model. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ArgumentError } from "../errors.js";
import { type DType, UNKNOWN_DIM, type ValueType } from "../program.js";
import { formatType, isUnknownDim } from "../tensor-type.js";
import { modelError } from "./package-error.js";
import {
  DataType,
  type Dimension,
  type DimensionSchema,
  type ValueType as TypeMessage,
  type ValueTypeSchema,
} from "./proto/mil_type_pb.js";

const DATA_TYPES: Readonly<Record<DType, DataType>> = {
  bool: DataType.BOOL,
  string: DataType.STRING,
  fp16: DataType.FLOAT16,
  fp32: DataType.FLOAT32,
  fp64: DataType.FLOAT64,
  bf16: DataType.BFLOAT16,
  fp8e4m3fn: DataType.FLOAT8E4M3FN,
  fp8e5m2: DataType.FLOAT8E5M2,
  int4: DataType.INT4,
  int8: DataType.INT8,
  int16: DataType.INT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint1: DataType.UINT1,
  uint2: DataType.UINT2,
  uint3: DataType.UINT3,
  uint4: DataType.UINT4,
  uint6: DataType.UINT6,
  uint8: DataType.UINT8,
  uint16: DataType.UINT16,
  uint32: DataType.UINT32,
  uint64: DataType.UINT64,
};

const DTYPES_OF_DATA: ReadonlyMap<DataType, DType> = new Map(
  (Object.keys(DATA_TYPES) as DType[]).map((dtype) => [DATA_TYPES[dtype], dtype]),
);

/** @throws ArgumentError for tensor buffers, which models do not have */
export function encodeType(type: ValueType): MessageInitShape<typeof ValueTypeSchema> {
  switch (type.kind) {
    case "tensor": {
      const dimensions = type.shape.map(encodeDimension);
      const dataType = DATA_TYPES[type.dtype];
      const value = { dataType, rank: BigInt(type.shape.length), dimensions };
      return { type: { case: "tensorType", value } };
    }
    case "list": {
      const value = { type: encodeType(type.element), length: encodeDimension(type.length) };
      return { type: { case: "listType", value } };
    }
    case "tuple":
      return { type: { case: "tupleType", value: { types: type.elements.map(encodeType) } } };
    case "dictionary": {
      const value = { keyType: encodeType(type.key), valueType: encodeType(type.value) };
      return { type: { case: "dictionaryType", value } };
    }
    case "state":
      return { type: { case: "stateType", value: { wrappedType: encodeType(type.wrapped) } } };
    default:
      throw new ArgumentError(
        `model: tensor buffers have no place in a model, got ${formatType(type)}. Use a tensor.`,
      );
  }
}

function encodeDimension(dim: number): MessageInitShape<typeof DimensionSchema> {
  return isUnknownDim(dim)
    ? { dimension: { case: "unknown", value: { variadic: false } } }
    : { dimension: { case: "constant", value: { size: BigInt(dim) } } };
}

/** @param field path of the message, for errors */
export function decodeType(message: TypeMessage | undefined, field: string): ValueType {
  const { type } = message ?? { type: { case: undefined } };
  switch (type.case) {
    case "tensorType": {
      const { dataType, rank, dimensions } = type.value;
      const dtype = DTYPES_OF_DATA.get(dataType);
      if (dtype === undefined) {
        throw modelError(`${field}.dataType`, "the data type is known", `${dataType}`);
      }
      if (rank !== BigInt(dimensions.length)) {
        const actual = `rank ${rank}, ${dimensions.length} dimensions`;
        throw modelError(`${field}.rank`, "a tensor has as many dimensions as its rank", actual);
      }
      const shape = dimensions.map((dimension, index) =>
        decodeDimension(dimension, `${field}.dimensions[${index}]`),
      );
      return { kind: "tensor", dtype, shape };
    }
    case "listType": {
      const { type: element, length } = type.value;
      return {
        kind: "list",
        element: decodeType(element, `${field}.type`),
        length: decodeDimension(length, `${field}.length`),
      };
    }
    case "tupleType": {
      const elements = type.value.types.map((element, index) =>
        decodeType(element, `${field}.types[${index}]`),
      );
      return { kind: "tuple", elements };
    }
    case "dictionaryType": {
      const { keyType, valueType } = type.value;
      const key = decodeType(keyType, `${field}.keyType`);
      return { kind: "dictionary", key, value: decodeType(valueType, `${field}.valueType`) };
    }
    case "stateType":
      return { kind: "state", wrapped: decodeType(type.value.wrappedType, `${field}.wrappedType`) };
    default:
      throw modelError(field, "a value has a type", "none that is known");
  }
}

function decodeDimension(message: Dimension | undefined, field: string): number {
  const { dimension } = message ?? { dimension: { case: undefined } };
  if (dimension.case === "constant") {
    const size = Number(dimension.value.size);
    if (Number.isSafeInteger(size)) return size;
    throw modelError(field, "a dimension is a size below 2^53", `${size}`);
  }
  if (dimension.case === "unknown" && !dimension.value.variadic) return UNKNOWN_DIM;
  const actual = dimension.case === "unknown" ? "a variable number of them" : "neither";
  throw modelError(field, "a dimension is constant or unknown", actual);
}
