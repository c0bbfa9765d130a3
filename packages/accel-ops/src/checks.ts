/** Checks of numbers and aliasing that the training ops share. */
import { check, checkInteger, overlap } from "./argument-error.js";
import type { Real } from "./real.js";

/** `value` must be a finite number; `holds` may narrow it further, as `rule` says. */
export function checkNumber(
  value: number,
  where: string,
  rule = "must be a finite number",
  holds: (value: number) => boolean = () => true,
): void {
  check(Number.isFinite(value) && holds(value), where, rule, value);
}

/** `out` must not overlap `input`, named `name`. */
export function checkApart(
  out: ArrayBufferView,
  input: ArrayBufferView,
  where: string,
  name: string,
): void {
  check(!overlap(out, input), where, `must not overlap ${name}`, "shared memory");
}

/** `out` may be the same elements as `input`, named `name`, but must not overlap it in any other way. */
export function checkNotShifted(
  out: ArrayBufferView,
  input: ArrayBufferView,
  where: string,
  name: string,
): void {
  const same = out.byteOffset === input.byteOffset && out.byteLength === input.byteLength;
  check(same || !overlap(out, input), where, `must be ${name} or not overlap it`, "shared memory");
}

/** `data` must be fp32 or fp16 and hold `length` elements from `offset` on. */
export function checkReal(data: Real, where: string, offset: number, length: number): void {
  check(
    data instanceof Float32Array || data instanceof Uint16Array,
    where,
    "must be a Float32Array or a Uint16Array of fp16 bits",
    data,
  );
  checkInteger(offset, `${where}Offset`);
  check(
    offset + length <= data.length,
    where,
    `must hold ${length} elements from offset ${offset} on`,
    data,
  );
}
