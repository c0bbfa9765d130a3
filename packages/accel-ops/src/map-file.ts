/** Files as memory: an ArrayBuffer whose bytes are the file's, until it is disposed. */
import { statSync } from "node:fs";
import { check, checkInteger } from "./argument-error.js";
import { nativeBinding } from "./native.js";
import { systemCallFailure } from "./system-call-error.js";

interface NativeMapping {
  readonly buffer: ArrayBuffer;
  flush(): void;
  close(buffer: ArrayBuffer): void;
}

const native = nativeBinding<{
  mapFile(path: string, writable: boolean, size: number | undefined): NativeMapping;
}>();

export interface MapFileOptions {
  /** Writes to the buffer reach the file. Default false: they change this process's copy only. */
  readonly writable?: boolean;
  /**
   * Create the file, or extend it to this many bytes (never truncate), new bytes being zero. The disk space of all of
   * them (on macOS: of the new ones) is allocated before the call returns. Needs `writable`. Default: the size that the
   * file has.
   */
  readonly size?: number;
}

/** A file in memory. */
export interface MappedFile extends Disposable {
  /** The file's bytes. Detached by `dispose`: its views then have length 0. */
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  /** Returns when what was written to the buffer is in the file on the disk. @throws MapFileError, also after dispose */
  flush(): void;
  /**
   * Ends the mapping; what was written stays. May be called twice. Nothing may be working on the buffer: wait for
   * background operations first.
   */
  dispose(): void;
}

/** The operating system refused a file operation of `mapFile`; `code` is its name, such as "ENOSPC". */
export class MapFileError extends Error {
  override readonly name = "MapFileError";

  constructor(
    readonly code: string,
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Maps a file into memory. An empty file gives an empty buffer. The file must not be truncated by others while it is
 * mapped: access beyond its end kills the process.
 *
 * @throws ArgumentError for a size that is no size, is smaller than the file, or is given without `writable`
 * @throws MapFileError naming path and cause: the file does not exist, the disk has no space left (nothing is left
 *   behind then), …
 */
export function mapFile(path: string, options: MapFileOptions = {}): MappedFile {
  const { writable = false, size } = options;
  const goodPath = typeof path === "string" && path !== "" && !path.includes("\0");
  check(goodPath, "mapFile.path", "must be a path without NUL characters", path);
  if (size !== undefined) {
    checkInteger(size, "mapFile.size");
    check(writable, "mapFile.size", "must be given for writable mappings only", size);
    const { size: existing } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
    const rule = `must be at least the ${existing} bytes that ${path} has`;
    check(size >= existing, "mapFile.size", rule, size);
  }
  const mapping = translated(path, size, () => native.mapFile(path, writable, size));
  return new Mapped(path, mapping);
}

class Mapped implements MappedFile {
  readonly #path: string;
  #mapping: NativeMapping | undefined;
  readonly buffer: ArrayBuffer;

  constructor(path: string, mapping: NativeMapping) {
    this.#path = path;
    this.#mapping = mapping;
    this.buffer = mapping.buffer;
  }

  get byteLength(): number {
    return this.buffer.byteLength;
  }

  flush(): void {
    const mapping = this.#mapping;
    if (!mapping) {
      const message = `MappedFile.flush: the mapping of ${this.#path} must be open, got a disposed one. Flush before dispose.`;
      throw new MapFileError("ERR_DISPOSED", this.#path, message);
    }
    translated(this.#path, undefined, () => mapping.flush());
  }

  dispose(): void {
    this.#mapping?.close(this.buffer);
    this.#mapping = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: "Check the path; with `size` the file is created, its directory is not.",
  ENOSPC: "Free disk space or choose another disk.",
  EFBIG: "Choose a smaller size or another file system.",
  EISDIR: "Name a file.",
  EACCES: "Check the permissions.",
};

/** Runs a native call; its failures become MapFileErrors. */
function translated<T>(path: string, size: number | undefined, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const failure = systemCallFailure(cause);
    if (!failure) throw cause;
    const { code, call: name, text } = failure;
    const wanted = size === undefined ? "" : ` for ${size} bytes`;
    const remedy = remedies[code] === undefined ? "" : ` ${remedies[code]}`;
    throw new MapFileError(
      code,
      path,
      `mapFile: ${name}${wanted} must succeed on ${path}, got ${code} (${text}).${remedy}`,
      { cause },
    );
  }
}
