/** The llama2.c file that a run starts from: its model, and later its parameters, read straight into the state. */
import { type LlamaConfig, readLlamaBin } from "@ane/llama-model";
import { OptionError } from "./errors.js";
import { fileDigest } from "./file-digest.js";
import { expectFile, messageOf } from "./input-files.js";

/** Stops a reader that has seen the header: the parameters are wanted by another process, later. */
class HeaderSeen {
  constructor(readonly config: LlamaConfig) {}
}

/** The model in the file, of which header and length are checked. @throws OptionError */
export function readInitConfig(path: string): LlamaConfig {
  expectFile("init", path);
  try {
    return readLlamaBin(path, {
      allocate: (config) => {
        throw new HeaderSeen(config);
      },
    }).config;
  } catch (cause) {
    if (cause instanceof HeaderSeen) return cause.config;
    throw new OptionError("init", messageOf(cause), { cause });
  }
}

/** Fills the parameters from the file. @throws OptionError if it is no longer the file that the run was made with. */
export function readInitParameters(path: string, sha256: string, target: Float32Array): void {
  expectFile("init", path);
  const actual = fileDigest(path);
  if (actual !== sha256) {
    throw new OptionError(
      "init",
      `must be the file that the run was started with, SHA-256 ${sha256}, got ${actual} in ${path}. Restore the file, or start a new run.`,
    );
  }
  try {
    readLlamaBin(path, { allocate: () => target });
  } catch (cause) {
    throw new OptionError("init", messageOf(cause), { cause });
  }
}
