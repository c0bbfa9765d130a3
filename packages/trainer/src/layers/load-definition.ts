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
  const definition = await defaultExport(file);
  if (definition?.type === "ane-model") return definition as ModelDefinition;
  const actual = definition === undefined ? "none" : typeof definition;
  throw new OptionError(
    "model",
    `the module's default export must be a model, got ${actual} in ${path}. Write: export default defineModel({ ... }).`,
  );
}

/** A module that cannot import this package exports a function, which is given what it would import. */
async function defaultExport(file: string): Promise<Partial<ModelDefinition> | undefined> {
  try {
    const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      readonly default?: unknown;
    };
    const exported =
      typeof module.default === "function"
        ? module.default({ causalMask, defineLayer, defineModel, project })
        : module.default;
    return exported as Partial<ModelDefinition> | undefined;
  } catch (cause) {
    const message =
      codeOf(cause) === "ERR_DEFINITION"
        ? `${messageOf(cause)} (in ${file})`
        : `must be a module that runs, got an error in ${file}: ${messageOf(cause)}. ${remedyFor(file, cause)}`;
    throw new OptionError("model", message, { cause });
  }
}

function remedyFor(file: string, cause: unknown): string {
  if (codeOf(cause) === "ERR_MODULE_NOT_FOUND" && messageOf(cause).includes("@ane/trainer")) {
    return "Install @ane/trainer beside it, or export a function: export default ({ defineLayer, defineModel, project }) => defineModel({ ... }).";
  }
  const isTypeScript = [".ts", ".mts"].includes(extname(file));
  return isTypeScript && !("typescript" in process.features && process.features.typescript)
    ? "This Node.js does not run TypeScript: compile it to .mjs, or use Node.js 22.18 or later."
    : "Correct it.";
}
