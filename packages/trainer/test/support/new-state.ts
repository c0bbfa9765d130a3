/** A state in ordinary memory. */
import { RunState } from "../../src/run-state.js";

export function newState(length: number): RunState {
  const buffer = new ArrayBuffer(RunState.bytes(length));
  return new RunState({ buffer, [Symbol.dispose]: () => {} }, length);
}
