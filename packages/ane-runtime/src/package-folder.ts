/** The package's folder: one above this file, in the sources as in the bundle. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
