/** Programs that no earlier run has compiled: the system's cache knows programs by their text, and would answer for the compiler. */
import type { Program } from "@ane/mil-builder";

/** Its value does not matter to the compiler (field-guide); Apple's own tools write a revision, or nothing. */
const KEY = "coremltools-component-milinternal";
let count = 0;

/** The same program in a text of its own. */
export function freshProgram(program: Program): Program {
  const unique = `${Date.now().toString(36)}-${process.pid}-${count++}`;
  return { ...program, buildInfo: { ...program.buildInfo, [KEY]: unique } };
}
