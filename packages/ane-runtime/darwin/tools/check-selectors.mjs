// Compares what the binding believes of the private framework with the class-dumps in facts/private-methods.json, type
// encodings included: the protocols of native/ane/private-api.h as the compiler encodes them for arm64 macOS, and the
// table that the binding checks at run time. checkSelectors() -> { declared, tabled, problems }.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aneRuntime, darwin, out } from "./paths.mjs";
import { freshFolder, run, zig } from "./toolchain.mjs";

const native = join(aneRuntime, "native");

/** "_ANEFoo +selector:" -> encoding */
function facts() {
  const { methods } = JSON.parse(readFileSync(join(darwin, "facts/private-methods.json"), "utf8"));
  return new Map(methods.map((row) => [`${row.class} ${row.method}`, row.encoding]));
}

/** Every protocol of the header, referenced, because the compiler describes only protocols that are used. */
async function protocolsAsIr(header) {
  const names = [...readFileSync(header, "utf8").matchAll(/^@protocol (\w+)/gm)].map(
    ([, name]) => name,
  );
  const folder = freshFolder(join(out, "selectors"));
  const source = join(folder, "protocols.mm");
  const ir = join(folder, "protocols.ll");
  const uses = names.map((name) => `@protocol(${name})`).join(", ");
  writeFileSync(
    source,
    `#import "${header}"\n__attribute__((used)) id protocols[] = { ${uses} };\n`,
  );
  const include = [join(darwin, "sdk/include"), native].map((folder) => `-I${folder}`);
  const target = [
    "-target",
    "aarch64-macos.13.0",
    "-fno-objc-arc",
    "-Wno-nullability-completeness",
  ];
  await run(zig, ["c++", ...target, ...include, "-S", "-emit-llvm", source, "-o", ir]);
  return readFileSync(ir, "utf8");
}

/**
 * Methods that protocols named ANE... declare: ["_ANEFoo +selector:", encoding].
 * `ANEFoo` is of instances, `ANEFooClass` of the class.
 */
function* declaredMethods(ir) {
  const strings = new Map();
  for (const [, name, text] of ir.matchAll(
    /^@(OBJC_METH_VAR_(?:NAME|TYPE)_[.\d]*) = .* c"([^"]*)\\00"/gm,
  )) {
    strings.set(name, text);
  }
  const lists = /^@"_OBJC_\$_PROTOCOL_(CLASS|INSTANCE)_METHODS_(?:OPT_)?ANE(\w+)" = .*$/gm;
  const entries = /\{ ptr @(OBJC_METH_VAR_NAME_[.\d]*), ptr @(OBJC_METH_VAR_TYPE_[.\d]*)/g;
  for (const [list, kind, protocol] of ir.matchAll(lists)) {
    const [sign, suffix] = kind === "CLASS" ? ["+", /Class$/] : ["-", /(?<!Class)$/];
    if (!suffix.test(protocol)) {
      throw new Error(
        `@protocol ANE${protocol}: class methods belong in a protocol ...Class, others not`,
      );
    }
    for (const [, name, type] of list.matchAll(entries)) {
      const method = `_ANE${protocol.replace(suffix, "")} ${sign}${strings.get(name)}`;
      yield [method, strings.get(type).replace(/\d/g, "")];
    }
  }
}

/** Rows {"_ANEFoo", ofClass, @selector(...), "encoding"...} of the binding's own check at run time. */
function* tabledMethods() {
  const row = /"(_ANE\w+)",\s*(true|false),\s*@selector\(([^)]*)\),\s*"([^"]*)"/g;
  const files = readdirSync(join(native, "ane")).filter((file) => file.endsWith(".mm"));
  for (const file of files) {
    const text = readFileSync(join(native, "ane", file), "utf8");
    for (const [, owner, ofClass, selector, encoding] of text.matchAll(row)) {
      yield [`${owner} ${ofClass === "true" ? "+" : "-"}${selector.replace(/\s/g, "")}`, encoding];
    }
  }
}

export async function checkSelectors(header = join(native, "ane/private-api.h")) {
  const known = facts();
  const declared = [...declaredMethods(await protocolsAsIr(header))];
  const tabled = [...tabledMethods()];
  const problems = [...declared, ...tabled].flatMap(([method, encoding]) => {
    if (!known.has(method)) return [`${method} must be in the class-dumps, is not`];
    const expected = known.get(method);
    return encoding === expected ? [] : [`${method} must be encoded ${expected}, got ${encoding}`];
  });
  const checked = new Set(tabled.map(([method]) => method));
  for (const [method] of declared) {
    if (!checked.has(method)) problems.push(`${method} must be checked before first use, is not`);
  }
  // A header of another form than expected would leave nothing to compare.
  if (declared.length < 10)
    problems.push(`at least 10 methods must be declared, got ${declared.length}`);
  return { declared: declared.length, tabled: tabled.length, problems };
}
