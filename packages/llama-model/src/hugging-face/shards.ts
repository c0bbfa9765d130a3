/** The files of a model's folder: there, and named as files of this folder. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { FormatError } from "../errors.js";

const INDEX = "model.safetensors.index.json";
const SINGLE = "model.safetensors";

/**
 * Names of the files with tensors. A single file comes before an index, as in transformers: what an export left there is not
 * hidden by older shards.
 * @throws FormatError
 */
export function shardsOf(folder: string): string[] {
  const index = join(folder, INDEX);
  if (existsSync(join(folder, SINGLE)) || !existsSync(index)) return [SINGLE];
  let names: unknown[];
  try {
    const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as {
      weight_map: Record<string, unknown>;
    };
    names = [...new Set(Object.values(map))];
  } catch (cause) {
    throw indexError(index, (cause as Error).message, { cause });
  }
  const foreign = names.find((name) => typeof name !== "string" || basename(name) !== name);
  if (foreign !== undefined) throw indexError(index, JSON.stringify(foreign));
  if (names.length === 0) throw indexError(index, "an empty one");
  return names as string[];
}

function indexError(index: string, actual: string, options?: ErrorOptions): FormatError {
  return new FormatError(
    index,
    `${index}: the index must be JSON with a weight_map to files of its folder, got ${actual}. Fetch the file again.`,
    options,
  );
}

/** @throws FormatError with what is there instead */
export function expectFile(folder: string, name: string): void {
  if (existsSync(join(folder, name))) return;
  const others = readdirSync(folder).sort().slice(0, 8).join(", ");
  throw new FormatError(
    folder,
    `${folder}: a model's folder must have ${name}, got ${others === "" ? "an empty folder" : others}. Fetch the whole model; a run's folder has checkpoints instead.`,
  );
}
