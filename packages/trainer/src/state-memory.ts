/**
 * Memory for a run's state: of this process alone, or shared by the processes of a run, which inherit its descriptor. A state
 * that the machine has no room for is refused before there is any work that could be lost.
 */
import {
  alignedBuffer,
  createSharedMemory,
  mapSharedMemory,
  type SharedMemory,
} from "@ane/accel-ops";
import { StateError } from "./errors.js";
import { availableBytes, gigabytes } from "./expect-memory.js";
import { arenaLayout } from "./model-record.js";
import type { RunConfig } from "./run-config.js";
import { RunState, type StateMemory } from "./run-state.js";

/** Descriptor of the state's memory in a worker, after standard streams and IPC. */
export const STATE_DESCRIPTOR = 4;

/** For the processes of a run: each maps it. @throws StateError if so much memory cannot be had */
export function sharedStateMemory(config: RunConfig): SharedMemory {
  return allocated(config, createSharedMemory);
}

/** What the supervisor gave this process. */
export function inheritedStateMemory(): StateMemory {
  return mapSharedMemory(STATE_DESCRIPTOR);
}

/** Of this process alone, and collected with its views. @throws StateError if so much memory cannot be had */
export function ownStateMemory(config: RunConfig): StateMemory {
  return allocated(config, ownMemory);
}

/** Of this process alone, whatever there is. */
export function ownMemory(byteLength: number): StateMemory {
  return {
    byteLength,
    piece: (_offset, length) => alignedBuffer(length),
    [Symbol.dispose]: () => {},
  };
}

function allocated<T>({ recipe }: RunConfig, allocate: (byteLength: number) => T): T {
  const byteLength = RunState.bytes(arenaLayout(recipe.model).total);
  const refuse = (actual: string, options?: ErrorOptions): never => {
    throw new StateError(
      `state: parameters, gradients and moments of ${recipe.model.name} must have ${gigabytes(byteLength)} of memory, got ${actual}. ` +
        "End other programs, choose a smaller model, or use a machine with more memory.",
      options,
    );
  };
  const available = availableBytes();
  if (byteLength > available) refuse(gigabytes(available));
  try {
    return allocate(byteLength);
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
