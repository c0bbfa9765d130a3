/** A configuration file as a flat table of options: JSON, TOML, or the default export of a JavaScript module. */
import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { parse as parseToml } from "smol-toml";
import { UsageError } from "../errors.js";

const READERS: Readonly<Record<string, (path: string) => unknown>> = {
  ".json": (path) => JSON.parse(readFileSync(path, "utf8")),
  ".toml": (path) => parseToml(readFileSync(path, "utf8")),
  ".mjs": async (path) => (await import(pathToFileURL(path).href)).default,
};

/** @param path Absolute. @throws UsageError naming --config and the file */
export async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const read = READERS[extname(path)];
  if (read === undefined) {
    throw new UsageError(
      `--config: the file must end in ${Object.keys(READERS).join(", ")}, got ${path}. Rename it.`,
    );
  }
  let content: unknown;
  try {
    if (statSync(path).isDirectory()) throw new Error("it is a folder");
    content = await read(path);
  } catch (cause) {
    const reason = (cause as Error).message.trim().split("\n")[0];
    throw new UsageError(
      `--config: the file must be there and readable as ${extname(path).slice(1)}, got ${path}: ${reason}. Correct it.`,
      { cause },
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(
      `--config: the file must hold options by name, got ${JSON.stringify(content)} in ${path}. Write { "lr": 1e-3 } or lr = 1e-3.`,
    );
  }
  return content as Record<string, unknown>;
}
