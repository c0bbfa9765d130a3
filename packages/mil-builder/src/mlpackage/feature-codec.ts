/** Ports of functions as a model's description has them: arrays with shapes, and states. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ArgumentError } from "../errors.js";
import type { AnyValue, DType, TensorType } from "../program.js";
import { formatShape, formatType, isStaticShape, sameShape } from "../tensor-type.js";
import { FLEXIBLE_SHAPES, type ShapeFlexibility } from "./flexible-shapes.js";
import { modelError } from "./package-error.js";
import {
  ArrayFeatureType_ArrayDataType as ArrayDataType,
  type ArrayFeatureType,
  type ArrayFeatureTypeSchema,
  type FeatureTypeSchema,
} from "./proto/feature_types_pb.js";
import type { FeatureDescription, FeatureDescriptionSchema } from "./proto/model_pb.js";

type FeatureInit = MessageInitShape<typeof FeatureDescriptionSchema>;

/** Dtypes of Core ML's arrays in ML programs. Source: coremltools backend/mil/helper.py, cast_to_framework_io_dtype. */
const ARRAY_TYPES: ReadonlyMap<DType, ArrayDataType> = new Map([
  ["fp16", ArrayDataType.FLOAT16],
  ["fp32", ArrayDataType.FLOAT32],
  ["int32", ArrayDataType.INT32],
  ["int8", ArrayDataType.INT8],
]);

/** @throws ArgumentError if Core ML has no such port */
export function encodeInput(
  value: AnyValue,
  flexibility: ShapeFlexibility | undefined,
): FeatureInit {
  const { name, type } = value;
  if (type.kind === "state") return { name, type: encodeState(value) };
  const { dtype, shape } = portTensor(value, "input");
  const dataType = ARRAY_TYPES.get(dtype)!;
  if (flexibility !== undefined) {
    const ShapeFlexibility = encodeFlexibility(flexibility);
    return feature(name, {
      dataType,
      shape: flexibility.defaultShape.map(toSize),
      ShapeFlexibility,
    });
  }
  if (!isStaticShape(shape)) {
    throw new ArgumentError(
      `model: input "${name}" needs a default shape and its limits, got ${formatType(type)}. Give the function the attribute ${FLEXIBLE_SHAPES}.`,
    );
  }
  return feature(name, { dataType, shape: (shape.length === 0 ? [1] : shape).map(toSize) });
}

/** Without limits, the default shape is the only one. */
function encodeFlexibility({ defaultShape, ranges, enumerated }: ShapeFlexibility) {
  if (enumerated !== undefined) {
    const shapes = enumerated.map((shape) => ({ shape: shape.map(toSize) }));
    return { case: "enumeratedShapes", value: { shapes } } as const;
  }
  const limits = ranges ?? defaultShape.map((dim) => [dim, dim] as const);
  const sizeRanges = limits.map(([lowest, highest]) => ({
    lowerBound: toSize(lowest),
    upperBound: toSize(highest),
  }));
  return { case: "shapeRange", value: { sizeRanges } } as const;
}

/** Outputs that are scalars or have unknown dims state no shape. @throws ArgumentError if Core ML has no such port */
export function encodeOutput(value: AnyValue): FeatureInit {
  const { dtype, shape } = portTensor(value, "output");
  const dataType = ARRAY_TYPES.get(dtype)!;
  return feature(value.name, {
    shape: isStaticShape(shape) ? shape.map(toSize) : [],
    dataType,
  });
}

function feature(
  name: string,
  array: MessageInitShape<typeof ArrayFeatureTypeSchema>,
): FeatureInit {
  return { name, type: { Type: { case: "multiArrayType", value: array } } };
}

function encodeState({ name, type }: AnyValue): MessageInitShape<typeof FeatureTypeSchema> {
  const wrapped = type.kind === "state" ? type.wrapped : type;
  if (wrapped.kind !== "tensor" || wrapped.dtype !== "fp16" || !isStaticShape(wrapped.shape)) {
    throw new ArgumentError(
      `model: states are fp16 tensors with known dims, got ${formatType(type)} for "${name}". Change its type.`,
    );
  }
  const array = { shape: wrapped.shape.map(toSize), dataType: ArrayDataType.FLOAT16 };
  const value = { Type: { case: "arrayType", value: array } } as const;
  return { Type: { case: "stateType", value } };
}

function portTensor({ name, type }: AnyValue, kind: "input" | "output"): TensorType {
  if (type.kind === "tensor" && ARRAY_TYPES.has(type.dtype)) return type;
  throw new ArgumentError(
    `model: ${kind}s are tensors of ${[...ARRAY_TYPES.keys()].join(", ")}, got ${formatType(type)} for "${name}". Cast it inside the program.`,
  );
}

function toSize(dim: number): bigint {
  return BigInt(dim);
}

/**
 * Compares a described port with the program's; images and the like are taken for what they are.
 * @returns what the description adds to the type
 * @throws FormatError (ERR_MLPACKAGE)
 */
export function checkFeature(
  message: FeatureDescription,
  { type }: AnyValue,
  kind: "input" | "output" | "state",
  field: string,
): ShapeFlexibility | undefined {
  const described = message.type?.Type;
  if (described?.case === undefined) return undefined;
  const isState = described.case === "stateType";
  if (isState !== (type.kind === "state")) {
    throw modelError(`${field}.type`, `a port of ${formatType(type)}`, described.case);
  }
  const array = isState ? described.value.Type.value : described.value;
  const inner = type.kind === "state" ? type.wrapped : type;
  if (array === undefined || inner.kind !== "tensor") {
    throw modelError(`${field}.type`, `a port of ${formatType(type)}`, "another");
  }
  checkArray(array, inner, kind, `${field}.type`);
  return flexibilityOf(array);
}

function checkArray(
  { dataType, shape, ShapeFlexibility }: ArrayFeatureType,
  type: TensorType,
  kind: "input" | "output" | "state",
  field: string,
): void {
  if (ARRAY_TYPES.get(type.dtype) !== dataType) {
    const actual = ArrayDataType[dataType] ?? `${dataType}`;
    throw modelError(`${field}.dataType`, `the program's ${type.dtype}`, actual);
  }
  const dims = shape.map(Number);
  const isFree = kind === "output" && dims.length === 0;
  if (isFree || ShapeFlexibility.case !== undefined || !isStaticShape(type.shape)) return;
  const expected = type.shape.length === 0 ? [1] : type.shape;
  if (!sameShape(dims, expected)) {
    const rule = `the program's shape ${formatShape(expected)}`;
    throw modelError(`${field}.shape`, rule, formatShape(dims));
  }
}

function flexibilityOf({
  shape,
  ShapeFlexibility: kind,
}: ArrayFeatureType): ShapeFlexibility | undefined {
  const defaultShape = shape.map(Number);
  switch (kind.case) {
    case "enumeratedShapes": {
      const enumerated = kind.value.shapes.map((entry) => entry.shape.map(Number));
      return { defaultShape: defaultShape.length > 0 ? defaultShape : enumerated[0]!, enumerated };
    }
    case "shapeRange": {
      const ranges = kind.value.sizeRanges.map(
        ({ lowerBound, upperBound }) => [Number(lowerBound), Number(upperBound)] as const,
      );
      const lowest = ranges.map(([bound]) => bound);
      return { defaultShape: defaultShape.length > 0 ? defaultShape : lowest, ranges };
    }
    default:
      return undefined;
  }
}
