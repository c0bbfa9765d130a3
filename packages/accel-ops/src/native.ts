/** Loads the native addon: a prebuilt one of the published package, or the one built in the repository. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const remedy = "Build it with `pnpm --filter @ane/accel-ops run build:native`";

function load(): unknown {
  const find = require("node-gyp-build") as (folder: string) => unknown;
  try {
    return find(packageFolder);
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith("No native build")) throw cause;
    const platform = `${process.platform}-${process.arch}`;
    throw new Error(
      `@ane/accel-ops: its native addon must exist for ${platform}, got none in ${packageFolder}. ${remedy}.`,
      { cause },
    );
  }
}

const addon = load();

/** The addon's functions; each file that wraps one states the signatures it uses as `Functions`. */
export function nativeBinding<Functions>(): Functions {
  return addon as Functions;
}
