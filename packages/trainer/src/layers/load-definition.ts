/** Reads a model from the module that defines it. */
import { existsSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { project } from "@ane/mil-builder/autodiff";
import { codeOf, OptionError } from "../errors.js";
import { messageOf } from "../input-files.js";
import { causalMask } from "./causal-mask.js";
import { defineLayer } from "./define-layer.js";
import { defineModel, type ModelDefinition } from "./define-model.js";

const EXTENSIONS = [".mjs", ".js", ".mts", ".ts"];

/** Whether the option names a module, not a preset or a JSON configuration. */
export function isModulePath(model: string): boolean {
  return EXTENSIONS.includes(extname(model));
}

/** @throws OptionError naming what is wrong with the module, its model, a layer or a parameter */
export async function loadDefinition(path: string): Promise<ModelDefinition> {
  const file = resolve(path);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new OptionError(
      "model",
      `must be an existing module, got ${path}. Give the file whose default export is defineModel({ ... }).`,
    );
  }
  let exported: { readonly default?: unknown };
  try {
    exported = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof exported;
  } catch (cause) {
    throw new OptionError("model", `${messageOf(cause)} (in ${path})${remedyFor(file, cause)}`, {
      cause,
    });
  }
  const definition = definitionOf(exported.default, path);
  if (definition?.type === "ane-model") return definition as ModelDefinition;
  throw new OptionError(
    "model",
    `the module's default export must be a model, got ${definition === undefined ? "none" : typeof definition} in ${path}. Write: export default defineModel({ ... }).`,
  );
}

/** A module that cannot import this package exports a function, which is given what it would import. */
function definitionOf(exported: unknown, path: string): Partial<ModelDefinition> | undefined {
  if (typeof exported !== "function") return exported as Partial<ModelDefinition> | undefined;
  try {
    return exported({ causalMask, defineLayer, defineModel, project });
  } catch (cause) {
    throw new OptionError("model", `${messageOf(cause)} (in ${path})`, { cause });
  }
}

function remedyFor(file: string, cause: unknown): string {
  if (codeOf(cause) === "ERR_MODULE_NOT_FOUND" && messageOf(cause).includes("@ane/trainer")) {
    return " Install @ane/trainer beside it, or export a function: export default ({ defineLayer, defineModel, project }) => defineModel({ ... }).";
  }
  const isTypeScript = [".ts", ".mts"].includes(extname(file));
  return isTypeScript && !("typescript" in process.features && process.features.typescript)
    ? " This Node.js does not run TypeScript: compile it to .mjs, or use Node.js 22.18 or later."
    : "";
}
