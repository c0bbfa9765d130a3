// Proves that the static checks can fail: each fault is put into a copy of what they read, and must be reported.
// checkTheChecks(file, minimumMacos) -> the number of faults found; throws on one that is not.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { checkAddon } from "./check-macho.mjs";
import { checkSelectors } from "./check-selectors.mjs";
import { aneRuntime, out } from "./paths.mjs";
import { freshFolder } from "./toolchain.mjs";

/** Faults of the header: [what to replace, by what, what must be said]. */
const headerFaults = [
  [
    "compileWithQoS:(unsigned int)",
    "compileWithQoS:(unsigned long)",
    /compileWithQoS.* must be encoded B@:I@\^@, got B@:Q@\^@/,
  ],
  ["weightsBuffer:(id)", "weightBuffer:(id)", /weightBuffer.* must be in the class-dumps/],
  [
    "procedureIndex:(NSNumber *)",
    "procedureIndex:(unsigned int)",
    /must be encoded @@:@@@@@@@, got @@:@@@@@@I/,
  ],
  [
    "+ (id)objectWithIOSurface:",
    "- (id)objectWithIOSurface:",
    /class methods belong in a protocol/,
  ],
];

/** Faults of the image: [what to change in its bytes, what must be said]. */
const imageFaults = [
  [(bytes) => bytes.writeUInt8(bytes[0x5000] ^ 1, 0x5000), /page \d+ was changed/],
  [
    (bytes) => replaceText(bytes, "_IOSurfaceLock\0", "_IOSurfaceLocc\0"),
    /_IOSurfaceLocc must come from/,
  ],
  [
    (bytes) => replaceText(bytes, "Versions/C/Foundation", "Versions/A/Foundation"),
    /got .*Versions\/A\/Foundation/,
  ],
  [
    (bytes) => replaceText(bytes, "register_module_v1", "register_module_v2"),
    /_v1 must be exported/,
  ],
];

function replaceText(bytes, text, replacement) {
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes.write(replacement, at, "latin1");
    found++;
  }
  if (found === 0) throw new Error(`the image must contain ${text}, does not`);
}

function expectReport(problems, pattern) {
  if (!problems.some((problem) => pattern.test(problem))) {
    throw new Error(
      `a fault must be reported as ${pattern}, got\n${problems.join("\n") || "nothing"}`,
    );
  }
}

async function selectorProblems(header) {
  try {
    return (await checkSelectors(header)).problems;
  } catch (error) {
    return [error.message];
  }
}

export async function checkTheChecks(file, minimumMacos) {
  const header = readFileSync(join(aneRuntime, "native/ane/private-api.h"), "utf8");
  const copy = join(freshFolder(join(out, "faults")), "private-api.h");
  for (const [text, replacement, pattern] of headerFaults) {
    if (!header.includes(text)) throw new Error(`the header must contain ${text}, does not`);
    writeFileSync(copy, header.replace(text, replacement));
    expectReport(await selectorProblems(copy), pattern);
  }
  for (const [change, pattern] of imageFaults) {
    const bytes = readFileSync(file);
    change(bytes);
    expectReport(checkAddon(bytes, basename(file), minimumMacos).problems, pattern);
  }
  return headerFaults.length + imageFaults.length;
}
