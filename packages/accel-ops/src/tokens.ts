/** Token ids as the native code takes them. */
import { check } from "./argument-error.js";

/** Token ids or target classes. */
export type TokenArray = Uint16Array | Uint32Array | Int32Array;

/** The ids [rows] as a Uint32Array, each of them below `classes`. @throws ArgumentError naming the first row that is not. */
export function checkedTokens(
  tokens: TokenArray,
  classes: number,
  where: string,
  rows = tokens.length,
): Uint32Array {
  const known =
    tokens instanceof Uint16Array || tokens instanceof Uint32Array || tokens instanceof Int32Array;
  check(known, where, "must be a Uint16Array, Uint32Array or Int32Array", tokens);
  check(tokens.length === rows, where, `must have ${rows} elements`, tokens.length);
  for (let row = 0; row < tokens.length; row++) {
    const token = tokens[row]!;
    if (token >= 0 && token < classes) continue;
    check(false, `${where}, row ${row}`, `must be from 0 to ${classes - 1}`, token);
  }
  return tokens instanceof Uint32Array ? tokens : Uint32Array.from(tokens);
}
