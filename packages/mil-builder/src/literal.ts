/** Construction of literals: JavaScript values in, checked and rounded elements of a dtype out. */
import { DTYPES, integerRange, isWideInteger } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import { roundToDType } from "./float-format.js";
import type { Literal, LiteralElements, TensorType } from "./program.js";
import { elementCount, formatType } from "./tensor-type.js";

/** What a caller may write for the elements of a constant: one scalar, or all elements in row-major order. */
export type ConstantSource =
  | number
  | bigint
  | boolean
  | string
  | ArrayLike<number>
  | readonly bigint[]
  | readonly boolean[]
  | readonly string[];

type Scalar = number | bigint | boolean | string;

/**
 * A literal of `type`. Numbers are rounded to the dtype once, to the nearest, ties to even.
 * @throws ArgumentError if the number or kind of elements does not fit, or if rounding would make a finite number infinite
 * or a number zero.
 */
export function makeLiteral(type: TensorType, source: ConstantSource, where: string): Literal {
  const list: ArrayLike<Scalar> =
    typeof source === "object" ? source : ([source] as readonly Scalar[]);
  const count = elementCount(type.shape);
  if (list.length !== count) {
    throw new ArgumentError(
      `${where}: ${formatType(type)} has ${count} elements, got ${list.length}. Give every element in row-major order.`,
    );
  }
  return { kind: "literal", type, elements: convert(type, list, where) };
}

function convert(type: TensorType, list: ArrayLike<Scalar>, where: string): LiteralElements {
  const { dtype } = type;
  switch (DTYPES[dtype].kind) {
    case "float":
      return Float64Array.from(list, (element) => toFloat(type, element, where));
    case "bool":
      return Array.from(list, (element) => {
        if (typeof element !== "boolean") throw wrongKind(type, element, "booleans", where);
        return element;
      });
    case "string":
      return Array.from(list, (element) => {
        if (typeof element !== "string") throw wrongKind(type, element, "strings", where);
        return element;
      });
    default: {
      const range = integerRange(dtype);
      const read = (element: Scalar) => toInteger(type, element, range, where);
      return isWideInteger(dtype)
        ? Array.from(list, (element) => BigInt(read(element)))
        : Int32Array.from(list, (element) => Number(read(element)));
    }
  }
}

function toFloat(type: TensorType, element: Scalar, where: string): number {
  if (typeof element !== "number") throw wrongKind(type, element, "numbers", where);
  const rounded = roundToDType(element, type.dtype);
  const overflow = Number.isFinite(element) && !Number.isFinite(rounded);
  if (overflow || (rounded === 0 && element !== 0)) {
    throw new ArgumentError(
      `${where}: a constant must be representable in ${type.dtype}, got ${element}, which would become ${rounded}. ` +
        "Choose another value or a constant of a wider dtype.",
    );
  }
  return rounded;
}

function toInteger(
  type: TensorType,
  element: Scalar,
  { min, max }: ReturnType<typeof integerRange>,
  where: string,
): number | bigint {
  const isIntegral =
    typeof element === "bigint" || (typeof element === "number" && Number.isSafeInteger(element));
  if (!isIntegral) throw wrongKind(type, element, "integers", where);
  if (element < min || element > max) {
    throw new ArgumentError(
      `${where}: elements of ${type.dtype} lie in ${min}..${max}, got ${element}. Use a wider dtype.`,
    );
  }
  return element;
}

function wrongKind(type: TensorType, element: unknown, kind: string, where: string): ArgumentError {
  const given = typeof element === "string" ? `"${element}"` : `${String(element)}`;
  return new ArgumentError(
    `${where}: elements of ${type.dtype} are ${kind}, got ${given} (${typeof element}). Give ${kind}.`,
  );
}

/** A key that two literals share exactly when type and elements are equal (0 and -0 differ). */
export function literalKey({ type, elements }: Literal): string {
  let key = `${type.dtype}[${type.shape.join()}]:`;
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    if (typeof element === "string") key += JSON.stringify(element);
    else key += Object.is(element, -0) ? "-0," : `${element},`;
  }
  return key;
}
