/** A model wherever it lies: a llama2.c file, a Hugging Face folder, a checkpoint, or the folder of a run. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Model, type ReadModelOptions, readModel } from "@ane/llama-model";
import { fileDigest } from "./file-digest.js";
import { newestCheckpoint, readCheckpoint } from "./read-checkpoint.js";
import { runPaths } from "./run-directory.js";

/** Files of a Hugging Face folder that its parameters depend on. */
const MODEL_FILES = /^config\.json$|\.safetensors$|\.safetensors\.index\.json$/;

/**
 * Reads parameters from whatever holds a model.
 * @param path A llama2.c .bin file, a folder with config.json and safetensors, a checkpoint, or a run's folder, whose newest
 *   checkpoint is taken.
 * @throws FormatError, CheckpointError saying what differs; the system's error if it cannot be read.
 */
export function loadModel(path: string, options: ReadModelOptions = {}): Model {
  if (!isRunOrCheckpoint(path)) return readModel(path, options);
  const { parameters } = readCheckpoint(path, options);
  return { config: parameters.config, parameters };
}

/** SHA-256 of all that the parameters at `path` depend on, in hexadecimal: of the file, or of a folder's files by name. */
export function modelDigest(path: string): string {
  if (isRunOrCheckpoint(path)) return fileDigest(newestCheckpoint(path));
  if (!statSync(path).isDirectory()) return fileDigest(path);
  const hash = createHash("sha256");
  for (const name of readdirSync(path).sort()) {
    if (MODEL_FILES.test(name)) hash.update(`${name}\0${fileDigest(join(path, name))}\n`);
  }
  return hash.digest("hex");
}

function isRunOrCheckpoint(path: string): boolean {
  if (!statSync(path).isDirectory()) return path.endsWith(".ckpt");
  const { checkpoints, events } = runPaths(path);
  return existsSync(checkpoints) || existsSync(events);
}
