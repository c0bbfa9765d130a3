/** Manifest.json: the items of a package. Source: coremltools modelpackage/src/ModelPackage.cpp. */
import { createHash } from "node:crypto";
import { packageError } from "./package-error.js";

const PATH = "Manifest.json";
const AUTHOR = "com.apple.CoreML";

/** @param model bytes of the model, of which the identifiers are a function @param hasWeights false leaves the item out */
export function encodeManifest(model: Uint8Array, hasWeights: boolean): string {
  const hash = createHash("sha256").update(model).digest("hex");
  const root = identifier(hash, 0);
  const entries = [[root, item("model.mlmodel", "CoreML Model Specification")] as const];
  if (hasWeights) {
    entries.push([identifier(hash, 32), item("weights", "CoreML Model Weights")]);
  }
  const manifest = {
    fileFormatVersion: "1.0.0",
    itemInfoEntries: Object.fromEntries(entries),
    rootModelIdentifier: root,
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}

function item(name: string, description: string) {
  return { author: AUTHOR, description, name, path: `${AUTHOR}/${name}` };
}

/** 128 bits of the hash as a UUID of version 8, which is for such uses. */
function identifier(hash: string, from: number): string {
  const digits = [...hash.slice(from, from + 32)];
  digits[12] = "8";
  digits[16] = ((Number.parseInt(digits[16]!, 16) & 3) | 8).toString(16);
  const text = digits.join("").toUpperCase();
  return [0, 8, 12, 16, 20].map((at, i, cuts) => text.slice(at, cuts[i + 1])).join("-");
}

/** Paths of all items and of the root model, relative to "Data". @throws FormatError (ERR_MLPACKAGE) */
export function decodeManifest(text: string): {
  readonly model: string;
  readonly items: readonly string[];
} {
  const manifest = objectOf(parseJson(text), undefined);
  checkVersion(manifest.fileFormatVersion);
  const entries = objectOf(manifest.itemInfoEntries, "itemInfoEntries");
  const items = new Map<string, string>();
  for (const [id, value] of Object.entries(entries)) {
    const field = `itemInfoEntries["${id}"]`;
    const entry = objectOf(value, field);
    for (const key of ["author", "description", "name", "path"]) {
      if (typeof entry[key] !== "string") {
        throw broken(`${field}.${key}`, "a string", JSON.stringify(entry[key]) ?? "none");
      }
    }
    const path = String(entry.path);
    if (!isInside(path)) throw broken(`${field}.path`, "a path inside the package", `"${path}"`);
    items.set(id, path);
  }
  const { rootModelIdentifier: root } = manifest;
  const model = typeof root === "string" ? items.get(root) : undefined;
  if (model === undefined) {
    const rule = "the identifier of one of the items";
    throw broken("rootModelIdentifier", rule, JSON.stringify(root) ?? "none");
  }
  return { model, items: [...items.values()] };
}

function checkVersion(version: unknown): void {
  const parts = typeof version === "string" ? /^(\d+)\.(\d+)\.(\d+)$/.exec(version) : null;
  const [, major, minor, patch] = (parts ?? []).map(Number);
  const isKnown = major !== undefined && (major < 1 || (major === 1 && minor === 0 && patch === 0));
  if (!isKnown) {
    const rule = "three numbers, at most 1.0.0";
    throw broken("fileFormatVersion", rule, JSON.stringify(version) ?? "none");
  }
}

/** True for relative paths that stay below where they begin. */
export function isInside(path: string): boolean {
  const parts = path.split(/[/\\]/);
  return path !== "" && parts.every((part) => part !== "" && part !== "." && part !== "..");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw packageError({ path: PATH, rule: "the file is JSON", actual: String(cause), cause });
  }
}

function objectOf(value: unknown, field: string | undefined): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  const actual = JSON.stringify(value) ?? "none";
  throw packageError({
    path: PATH,
    ...(field === undefined ? {} : { field }),
    rule: "an object",
    actual,
  });
}

function broken(field: string, rule: string, actual: string) {
  return packageError({ path: PATH, field, rule, actual });
}
