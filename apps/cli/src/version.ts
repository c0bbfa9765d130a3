/** The version of this package, as `ane --version` prints it. */
import { readFileSync } from "node:fs";

/** package.json is one folder above both src and dist. */
export function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
