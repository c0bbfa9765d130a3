/** Loads the native addon: a prebuilt one of the published package, or the one built in the repository. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { MpiError } from "./errors.js";

/** See native/communicator.h. */
export interface NativeCommunicator {
  readonly rank: number;
  readonly size: number;
  readonly version: string;
  allReduce(values: Float32Array | Float64Array): Promise<void>;
  broadcast(bytes: Uint8Array): Promise<void>;
  close(): void;
  abandon(): void;
}

interface Binding {
  readonly Communicator: new (library: string) => NativeCommunicator;
}

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** @throws MpiError where the addon was not built */
export function nativeBinding(): Binding {
  const find = createRequire(import.meta.url)("node-gyp-build") as (folder: string) => Binding;
  try {
    return find(packageFolder);
  } catch (cause) {
    throw new MpiError(
      `@ane/mpi: its native addon must exist for ${process.platform}-${process.arch}, got none in ${packageFolder}. Build it with \`pnpm --filter @ane/mpi run build:native\`.`,
      { cause },
    );
  }
}
