/** Memory that several processes have in common: without a name, known by a file descriptor that child processes inherit. */
import { closeSync } from "node:fs";
import { LARGEST_BUFFER } from "./aligned-buffer.js";
import { checkInteger } from "./argument-error.js";
import { nativeBinding } from "./native.js";
import { systemCallFailure } from "./system-call-error.js";

const native = nativeBinding<{
  createSharedMemory(byteLength: number): number;
  mapSharedMemory(descriptor: number): NativeMapping;
}>();

interface NativeMapping {
  readonly byteLength: number;
  piece(offset: number, byteLength: number): ArrayBuffer;
  close(pieces: readonly ArrayBuffer[]): void;
}

/** Memory that processes may map as long as one of them has its descriptor. */
export interface SharedMemory extends Disposable {
  /** For the `stdio` of a child process: `spawn(…, { stdio: ["ignore", "pipe", "pipe", descriptor] })` makes it the child's 3. */
  readonly descriptor: number;
  readonly byteLength: number;
  /** Closes the descriptor; the memory goes with the last mapping. May be called twice. */
  dispose(): void;
}

/** Shared memory in this process. */
export interface MappedMemory extends Disposable {
  readonly byteLength: number;
  /**
   * A part of the memory, which may be larger than one buffer can be. Detached by `dispose`: its views then have length 0.
   *
   * @param offset in bytes; a page's for a page-aligned buffer
   * @param byteLength up to LARGEST_BUFFER
   * @throws ArgumentError
   */
  piece(offset: number, byteLength: number): ArrayBuffer;
  /** Ends the mapping. May be called twice. Nothing may be working on its pieces: wait for background operations first. */
  dispose(): void;
}

/** The operating system refused; `code` is the name of its error, such as "ENOMEM". */
export class SharedMemoryError extends Error {
  override readonly name = "SharedMemoryError";

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Zero bytes that other processes can map. They take up memory when they are mapped or touched, not before: whether there is
 * so much is not found out here.
 *
 * @param byteLength at least 1
 * @throws ArgumentError, SharedMemoryError
 */
export function createSharedMemory(byteLength: number): SharedMemory {
  checkInteger(byteLength, "createSharedMemory.byteLength", 1);
  return new Shared(
    translated("createSharedMemory", () => native.createSharedMemory(byteLength)),
    byteLength,
  );
}

/**
 * Maps all of the memory behind a descriptor, which may be closed afterwards. On Linux its pages are fetched in the
 * background, so that later accesses need not wait for them.
 *
 * @param descriptor of `createSharedMemory`, here or in a process that this one inherited it from
 * @throws ArgumentError, SharedMemoryError
 */
export function mapSharedMemory(descriptor: number): MappedMemory {
  checkInteger(descriptor, "mapSharedMemory.descriptor", 0, 2 ** 31 - 1);
  return new Mapped(translated("mapSharedMemory", () => native.mapSharedMemory(descriptor)));
}

class Shared implements SharedMemory {
  #open = true;

  constructor(
    readonly descriptor: number,
    readonly byteLength: number,
  ) {}

  dispose(): void {
    if (this.#open) closeSync(this.descriptor);
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

class Mapped implements MappedMemory {
  readonly byteLength: number;
  readonly #pieces: ArrayBuffer[] = [];
  #mapping: NativeMapping | undefined;

  constructor(mapping: NativeMapping) {
    this.byteLength = mapping.byteLength;
    this.#mapping = mapping;
  }

  piece(offset: number, byteLength: number): ArrayBuffer {
    const end = this.#mapping ? this.byteLength : 0;
    checkInteger(offset, "piece.offset", 0, end);
    checkInteger(byteLength, "piece.byteLength", 0, Math.min(end - offset, LARGEST_BUFFER));
    const piece = this.#mapping?.piece(offset, byteLength) ?? new ArrayBuffer(0);
    this.#pieces.push(piece);
    return piece;
  }

  dispose(): void {
    this.#mapping?.close(this.#pieces);
    this.#mapping = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function translated<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const failure = systemCallFailure(cause);
    if (!failure) throw cause;
    throw new SharedMemoryError(
      failure.code,
      `${where}: ${failure.call} must succeed, got ${failure.code} (${failure.text}).`,
      { cause },
    );
  }
}
