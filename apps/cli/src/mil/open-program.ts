/** A MIL program with its weights, from program text or from a Core ML package. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { FormatError, type Program, parse } from "@ane/mil-builder";
import { blobReferences, readMlpackage } from "@ane/mil-builder/mlpackage";
import { CommandError, UsageError } from "../errors.js";

export interface OpenProgram {
  readonly path: string;
  readonly program: Program;
  /** Weight files by the path that the program uses. @throws UsageError where one is missing */
  weights(): ReadonlyMap<string, Uint8Array>;
}

const MODEL_PATH = "@model_path/";

/**
 * @param path Absolute: a text file, or an .mlpackage folder.
 * @param folder What `@model_path` of a text stands for; by default the text's own folder.
 * @throws UsageError if there is nothing to read, CommandError if it is no program
 */
export async function openProgram(path: string, folder = dirname(path)): Promise<OpenProgram> {
  if (!existsSync(path)) {
    throw new UsageError(
      `FILE: the program must be there, got nothing at ${path}. Give a MIL text file or an .mlpackage.`,
    );
  }
  try {
    if (statSync(path).isDirectory()) {
      const { program, blobs } = await readMlpackage(path);
      return { path, program, weights: () => blobs };
    }
    const program = parse(readFileSync(path, "utf8"));
    return { path, program, weights: () => readWeights(program, folder) };
  } catch (error) {
    if (error instanceof FormatError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}

function readWeights(program: Program, folder: string): Map<string, Uint8Array> {
  const paths = new Set(blobReferences(program).map(({ path }) => path));
  return new Map(
    [...paths].map((path) => {
      const inside = path.startsWith(MODEL_PATH) ? path.slice(MODEL_PATH.length) : path;
      const file = join(folder, inside);
      if (existsSync(file)) return [path, new Uint8Array(readFileSync(file))];
      throw new UsageError(
        `--weights: the program's ${path} must be there, got nothing at ${file}. Give the folder that @model_path stands for.`,
      );
    }),
  );
}
