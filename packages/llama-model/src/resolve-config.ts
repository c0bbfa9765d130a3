/** From what a user types (a preset's name or the path of a JSON file) to a validated configuration. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CONFIG_FIELDS, type LlamaConfig, validateConfig } from "./config.js";
import { ConfigError } from "./errors.js";
import { nearest } from "./nearest.js";
import { presets } from "./presets.js";

/**
 * Finds a preset or reads a configuration file.
 * @param nameOrPath A preset's name, in any letter case, or the path of a `.json` file with the fields of LlamaConfig.
 *   A file may leave out name (the file's), kvHeads (heads), headDim (dim / heads), normEps (1e-5), ropeTheta (10000),
 *   tiedEmbeddings (true), qkNorm (false), logitSoftcap (0).
 * @throws ConfigError for an unknown name (with the known ones), an unreadable file, an unknown or invalid field.
 */
export function resolveConfig(nameOrPath: string): LlamaConfig {
  const preset = Object.entries(presets).find(([name]) => name === nameOrPath.toLowerCase());
  if (preset) return validateConfig(preset[1]);
  if (nameOrPath.endsWith(".json")) return readConfigFile(nameOrPath);
  const names = Object.keys(presets);
  const meant = nearest(nameOrPath, names);
  throw new ConfigError(
    "model",
    `resolveConfig: the model must be one of ${names.join(", ")} or the path of a .json file, got "${nameOrPath}". ` +
      (meant ? `Did you mean "${meant}"?` : "Choose one of them."),
  );
}

function readConfigFile(path: string): LlamaConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      "model",
      `resolveConfig: the model file must be readable JSON, got ${reason}. Check ${path}.`,
      { cause },
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError(
      "model",
      `${path}: the model file must hold one JSON object, got ${JSON.stringify(content)}. Write { "dim": ..., ... }.`,
    );
  }
  const fields = content as Partial<LlamaConfig>;
  for (const field of Object.keys(fields)) {
    if ((CONFIG_FIELDS as readonly string[]).includes(field)) continue;
    const meant = nearest(field, CONFIG_FIELDS);
    throw new ConfigError(
      field,
      `${path}: a field must be one of ${CONFIG_FIELDS.join(", ")}, got "${field}". ` +
        (meant ? `Did you mean "${meant}"?` : "Remove it."),
    );
  }
  const { dim, heads } = fields;
  const defaults = {
    name: basename(path, ".json"),
    kvHeads: heads,
    headDim: typeof dim === "number" && typeof heads === "number" ? dim / heads : undefined,
    normEps: 1e-5,
    ropeTheta: 10_000,
    tiedEmbeddings: true,
    qkNorm: false,
    logitSoftcap: 0,
  };
  // A field that is still missing is undefined, which validateConfig refuses by name.
  return validateConfig({ ...defaults, ...fields } as LlamaConfig, path);
}
