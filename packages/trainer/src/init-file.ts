/** The model that a run starts from (see model-source.ts): its configuration, and later its parameters, read straight into the state. */
import { existsSync } from "node:fs";
import type { LlamaConfig } from "@ane/llama-model";
import { OptionError } from "./errors.js";
import { messageOf } from "./input-files.js";
import { loadModel, modelDigest } from "./model-source.js";

/** Stops a reader that has seen the header: the parameters are wanted by another process, later. */
class HeaderSeen {
  constructor(readonly config: LlamaConfig) {}
}

/** The configuration of the model, of which headers and lengths are checked. @throws OptionError */
export function readInitConfig(path: string): LlamaConfig {
  expectModel(path);
  try {
    return loadModel(path, {
      allocate: (config) => {
        throw new HeaderSeen(config);
      },
    }).config;
  } catch (cause) {
    if (cause instanceof HeaderSeen) return cause.config;
    throw new OptionError("init", messageOf(cause), { cause });
  }
}

/** SHA-256 of the model at the path. @throws OptionError if there is nothing. */
export function identifyInit(path: string): string {
  expectModel(path);
  return modelDigest(path);
}

/** Fills the parameters. @throws OptionError if it is no longer the model that the run was made with. */
export function readInitParameters(path: string, sha256: string, target: Float32Array): void {
  const actual = identifyInit(path);
  if (actual !== sha256) {
    throw new OptionError(
      "init",
      `must be the model that the run was started with, SHA-256 ${sha256}, got ${actual} in ${path}. Restore it, or start a new run.`,
    );
  }
  try {
    loadModel(path, { allocate: () => target });
  } catch (cause) {
    throw new OptionError("init", messageOf(cause), { cause });
  }
}

function expectModel(path: string): void {
  if (existsSync(path)) return;
  throw new OptionError(
    "init",
    `must be an existing file or folder, got ${path}. Give a llama2.c .bin file, a Hugging Face folder, a checkpoint or a run.`,
  );
}
