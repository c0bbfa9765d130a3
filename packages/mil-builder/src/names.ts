/** SSA names: which are legal, and how a wish becomes a name that nothing else has. */
import { DTYPES } from "./dtype.js";
import { ArgumentError } from "./errors.js";

/** MIL.proto, "Identifiers". */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_@]*$/;

/** Words with a meaning of their own in program text. */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.keys(DTYPES),
  ...["program", "func", "tensor", "list", "dict", "tuple", "state", "tensor_buffer"],
  ...["BLOBFILE", "true", "false", "inf", "nan"],
]);

/** @throws ArgumentError unless `name` is a legal identifier and not a word of the language. */
export function checkIdentifier(name: string, where: string): void {
  if (!IDENTIFIER.test(name)) {
    throw new ArgumentError(
      `${where}: a name consists of letters, digits, _ and @ and does not begin with a digit, got "${name}". Rename it.`,
    );
  }
  if (RESERVED.has(name)) {
    throw new ArgumentError(
      `${where}: a name is not a word of the language, got "${name}". Rename it.`,
    );
  }
}

/** The names of one function. */
export class NameScope {
  readonly #taken = new Set<string>();
  readonly #counters = new Map<string, number>();

  /** `wish`, or `wish_0`, `wish_1`, ... if it is taken. */
  unique(wish: string): string {
    return this.#taken.has(wish) ? this.numbered(wish) : this.#take(wish);
  }

  /** `base_0`, `base_1`, ...: the first that is free. */
  numbered(base: string): string {
    let counter = this.#counters.get(base) ?? 0;
    while (this.#taken.has(`${base}_${counter}`)) counter++;
    this.#counters.set(base, counter + 1);
    return this.#take(`${base}_${counter}`);
  }

  /** Exactly `name`. @throws ArgumentError if it is taken. */
  claim(name: string, where: string): string {
    if (this.#taken.has(name)) {
      throw new ArgumentError(`${where}: names are unique, got "${name}" again. Rename one.`);
    }
    return this.#take(name);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  #take(name: string): string {
    this.#taken.add(name);
    return name;
  }
}

const LONGEST_SLUG = 24;

/** A constant's value as part of a name: `true`, `m1`, `0p5`, `1_768_1_256`; undefined if that would be unwieldy. */
export function valueSlug(value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.join("_") : String(value);
  const slug = text.replaceAll("-", "m").replaceAll(".", "p").replaceAll("+", "");
  return slug.length > 0 && slug.length <= LONGEST_SLUG && /^\w+$/.test(slug) ? slug : undefined;
}

/** The keys of a record in order; sorts only where they are not, as most are written in order. */
export function sortedNames(record: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(record);
  for (let index = 1; index < names.length; index++) {
    if (names[index]! < names[index - 1]!) return names.sort();
  }
  return names;
}
