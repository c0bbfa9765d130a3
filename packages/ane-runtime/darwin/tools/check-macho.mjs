// What can be said about a darwin-arm64 addon without running it: checkAddon(...) -> { imports, fixups, problems }.
// Imports must come from the dylib that facts/framework-symbols.json or Apple's libSystem.tbd names; only N-API may
// come from anywhere.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { frameworkSymbols } from "../sdk/write-stubs.mjs";
import { checkSignature } from "./code-signature.mjs";
import { parseMachO } from "./macho.mjs";
import { zigLibrary } from "./toolchain.mjs";

/** What Node looks up in an addon. */
export const addonEntryPoints = ["_napi_register_module_v1", "_node_api_module_get_api_version_v1"];

const arm64 = 0x100000c;
const dylibOrBundle = [6, 8];
const macos = 1;
const pageSize = 0x4000;
const [write, execute] = [2, 4];
/** C++ lets one definition serve all images: operator new and delete of the static libc++, and type descriptions. */
const shared = /^__Z(n[aw]|d[al]|TI|TS)/;
/** zig's linker exports its own names too. */
const ofTheLinker = ["___dso_handle", "__mh_dylib_header"];

/** Install name -> the names that may be imported from it. */
function knownNames() {
  const known = new Map();
  for (const { installName, symbols, classes } of frameworkSymbols()) {
    const classNames = classes.flatMap((name) => [
      `_OBJC_CLASS_$_${name}`,
      `_OBJC_METACLASS_$_${name}`,
    ]);
    known.set(installName, new Set([...symbols, ...classNames]));
  }
  // libSystem re-exports its parts: every name of the file is found through it.
  const text = readFileSync(join(zigLibrary, "libc/darwin/libSystem.tbd"), "utf8");
  const groups = text.split("- targets:").filter((group) => /^[^\]]*arm64e?-macos/.test(group));
  const lists = groups.flatMap((group) => [
    ...group.matchAll(/^ +(?:weak-|thread-local-)?symbols: +\[([^\]]*)\]/gm),
  ]);
  const names = lists.flatMap(([, list]) => list.split(",").map((name) => name.trim()));
  const unquoted = names.map((name) => name.replaceAll("'", ""));
  known.set("/usr/lib/libSystem.B.dylib", new Set(unquoted));
  return known;
}

function* problemsOf(buffer, image, name, minimumMacos) {
  if (image.cpuType !== arm64) yield `the processor must be arm64, got ${image.cpuType}`;
  if (!dylibOrBundle.includes(image.fileType))
    yield `it must be a dylib or a bundle, got file type ${image.fileType}`;
  if (image.platform !== macos) yield `the platform must be macOS, got ${image.platform}`;
  if (image.minimumOs !== minimumMacos)
    yield `it must run from macOS ${minimumMacos}, got ${image.minimumOs}`;
  if (image.installName !== `@rpath/${name}`)
    yield `its install name must not tell a path, got ${image.installName}`;
  if (image.rpaths.length > 0) yield `it must have no rpath, got ${image.rpaths}`;
  for (const { name: segment, address, fileOffset, protection } of image.segments) {
    if (protection & write && protection & execute)
      yield `${segment} must not be writable and executable`;
    if (address % pageSize || fileOffset % pageSize)
      yield `${segment} must start on a page of 16 KiB`;
  }
  const known = knownNames();
  for (const { name: symbol, from } of image.imports) {
    if (/^_(napi_|node_api_)/.test(symbol) && from === "flat") continue;
    if (from === "weak" && shared.test(symbol)) continue;
    if (!known.get(from)?.has(symbol))
      yield `${symbol} must come from a dylib known to have it, got ${from}`;
  }
  for (const symbol of addonEntryPoints)
    if (!image.exports.includes(symbol)) yield `${symbol} must be exported`;
  const leaked = image.exports.filter(
    (symbol) =>
      !addonEntryPoints.includes(symbol) && !shared.test(symbol) && !ofTheLinker.includes(symbol),
  );
  if (leaked.length > 0)
    yield `nothing else must be exported, got ${leaked.slice(0, 5).join(", ")}`;
  for (const problem of checkSignature(buffer, image)) yield problem;
}

/** @param name of the file, which the install name must have */
export function checkAddon(buffer, name, minimumMacos) {
  const image = parseMachO(buffer);
  const problems = [...problemsOf(buffer, image, name, minimumMacos)];
  return { imports: image.imports, fixups: image.fixups, problems };
}
