// Writes the link stubs (.tbd) of the frameworks from facts/framework-symbols.json: a linker sees exactly the names that have evidence.
// writeStubs(folder) -> linker flags that find them.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { darwin } from "../tools/paths.mjs";

const targets = "[ arm64-macos, arm64e-macos ]";

function stub({ installName, symbols, classes }) {
  // Objective-C classes have a key of their own in the format.
  const classNames = classes.length ? [`    objc-classes: [ ${classes.join(", ")} ]`] : [];
  return [
    "--- !tapi-tbd",
    "tbd-version: 4",
    `targets: ${targets}`,
    `install-name: '${installName}'`,
    "current-version: 1",
    "exports:",
    `  - targets: ${targets}`,
    `    symbols: [ ${symbols.map((name) => `'${name}'`).join(", ")} ]`,
    ...classNames,
    "...",
    "",
  ].join("\n");
}

export function frameworkSymbols() {
  return JSON.parse(readFileSync(join(darwin, "facts/framework-symbols.json"), "utf8")).libraries;
}

export function writeStubs(folder) {
  for (const library of frameworkSymbols()) {
    const framework = library.installName.includes(".framework/");
    const place = framework ? join(folder, `${library.name}.framework`) : folder;
    const file = framework ? `${library.name}.tbd` : `lib${library.name}.tbd`;
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, file), stub(library));
  }
  return [`-F${folder}`, `-L${folder}`];
}
