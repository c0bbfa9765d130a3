/** The error of this package, and the checks that throw it before any work is done. */

/** An argument broke a rule of the function's documentation; nothing has been written. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
  readonly code = "ERR_ARGUMENT";
}

/** Throws `<where>: <rule>, got <actual>.` unless `holds`; `where` is `function.argument`. */
export function check(holds: boolean, where: string, rule: string, actual: unknown): asserts holds {
  if (!holds) throw new ArgumentError(`${where}: ${rule}, got ${describe(actual)}.`);
}

/** `value` must be an integer from `minimum` to `maximum`. */
export function checkInteger(
  value: number,
  where: string,
  minimum = 0,
  maximum = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return;
  const range =
    maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  check(false, where, `must be an integer, ${range}`, value);
}

/** `array` must be of the class `type` and, when given, have exactly `length` elements. */
export function checkArray<T extends Float32Array | Uint16Array | Uint32Array | Int32Array>(
  array: T,
  type: new (length: number) => T,
  where: string,
  length?: number,
): void {
  check(array instanceof type, where, `must be a ${type.name}`, array);
  if (length !== undefined) {
    check(array.length === length, where, `must have ${length} elements`, array.length);
  }
}

/** True if the two views share at least one byte. */
export function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}

function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const length = (value as Partial<Float32Array>).length ?? value.byteLength;
    return `${value.constructor.name} of length ${length}`;
  }
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  return value === null || value === undefined || typeof value !== "object"
    ? String(value)
    : `an instance of ${value.constructor?.name ?? "Object"}`;
}
