/** A state in ordinary memory. */
import { RunState } from "../../src/run-state.js";

export function newState(length: number): RunState {
  const byteLength = RunState.bytes(length);
  const piece = (_offset: number, bytes: number) => new ArrayBuffer(bytes);
  return new RunState({ byteLength, piece, [Symbol.dispose]: () => {} }, length);
}
