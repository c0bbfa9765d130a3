/** Flags over `--set` over a configuration file: whatever is not given before is taken from the next, by the flags' own parsers. */
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { nearest } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { flagName } from "../flag-aliases.js";
import { kebab } from "../kebab.js";
import { readConfigFile } from "./read-config-file.js";

/** What is needed of a flag to read its value from elsewhere. */
export interface ConfigurableFlag {
  readonly kind: string;
  readonly parse?: (this: Context, input: string) => unknown;
  readonly values?: readonly string[];
  readonly variadic?: boolean | string;
}

/** How values are given beside the flags themselves. */
export interface Configured {
  readonly config?: string;
  readonly set?: readonly (readonly [name: string, value: string])[];
}

/** By option: "--lr", "--set" or the file's name. */
export type Origins = Readonly<Record<string, string>>;

export interface ConfigurableCommand {
  readonly command: string;
  /** Whether an option's value names a file or folder. */
  isPath(option: string, value: unknown): boolean;
}

/** Flags that say how to begin, not what is to be done. */
const NEVER_CONFIGURED = new Set(["config", "set", "scratch"]);

/** @throws UsageError naming the file or --set, the option, its value and what to do */
export async function applyConfig<Flags extends Configured>(
  context: Context,
  flags: Flags,
  table: Readonly<Record<string, ConfigurableFlag>>,
  { command, isPath }: ConfigurableCommand,
): Promise<{ readonly flags: Flags; readonly origins: Origins }> {
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined || NEVER_CONFIGURED.has(name)) continue;
    values[name] = value;
    origins[name] = `--${kebab(name)}`;
  }
  const read = (where: string, key: string, input: unknown): readonly [string, unknown] => {
    const name = knownOption(where, key, table, command);
    return [name, parseValue(context, `${where}: ${key}`, table[name]!, input)];
  };
  for (const [key, input] of flags.set ?? []) {
    const [name, value] = read("--set", key, input);
    if (origins[name] === "--set") {
      throw new UsageError(
        `--set ${key}: an option is set once, got it twice. Leave one of them out.`,
      );
    }
    if (name in values) continue; // a flag goes before
    values[name] = value;
    origins[name] = "--set";
  }
  if (flags.config !== undefined) {
    const path = userPath(context, flags.config);
    const where = basename(path);
    const inFile = new Map<string, string>();
    for (const [key, input] of Object.entries(await readConfigFile(path))) {
      // A module may leave open what it does not set.
      if (input === undefined || input === null) continue;
      const [name, parsed] = read(where, key, input);
      const twin = inFile.get(name);
      if (twin !== undefined) {
        throw new UsageError(
          `${where}: an option is given once, got ${twin} and ${key}, which are the same. Leave one of them out.`,
        );
      }
      inFile.set(name, key);
      if (name in values) continue;
      values[name] = isPath(name, parsed) ? fromFolder(dirname(path), parsed) : parsed;
      origins[name] = where;
    }
  }
  return { flags: { ...values } as unknown as Flags, origins };
}

/** Paths of a file are relative to it, so that it may be used from anywhere. */
function fromFolder(folder: string, value: unknown): unknown {
  return typeof value === "string" && !isAbsolute(value) ? resolve(folder, value) : value;
}

function knownOption(
  where: string,
  key: string,
  table: Readonly<Record<string, ConfigurableFlag>>,
  command: string,
): string {
  const names = Object.keys(table).filter((name) => !NEVER_CONFIGURED.has(name));
  const wanted = flagName(command, kebab(key));
  const found = names.find((name) => kebab(name) === wanted);
  if (found !== undefined) return found;
  const meant = nearest(wanted, names.map(kebab));
  throw new UsageError(
    `${where}: there is no option "${key}". ${meant === undefined ? `ane ${command} --help lists them.` : `Did you mean "${meant}"?`}`,
  );
}

function parseValue(
  context: Context,
  where: string,
  flag: ConfigurableFlag,
  input: unknown,
): unknown {
  if (Array.isArray(input) && flag.variadic) {
    return input.map((item) => parseValue(context, where, { ...flag, variadic: false }, item));
  }
  if (flag.variadic) return [parseValue(context, where, { ...flag, variadic: false }, input)];
  const text = typeof input === "object" ? JSON.stringify(input) : String(input);
  const refuse = (expected: string) =>
    new UsageError(`${where}: expected ${expected}, got ${JSON.stringify(input)}. Correct it.`);
  if (typeof input === "object") throw refuse("one value");
  if (flag.kind === "boolean") {
    if (text !== "true" && text !== "false") throw refuse("true or false");
    return text === "true";
  }
  if (flag.kind === "enum") {
    if (!flag.values!.includes(text)) throw refuse(flag.values!.join(", "));
    return text;
  }
  try {
    return flag.parse!.call(context, text);
  } catch (cause) {
    throw new UsageError(`${where}: ${(cause as Error).message}. Correct it.`, { cause });
  }
}
