/** Lists of `name = item`: arguments and attributes. */
import type { TokenReader } from "./token-reader.js";

/** The entries up to a closing bracket, in the order of their names. @throws FormatError if a name occurs twice */
export function parseEntries<T>(
  reader: TokenReader,
  close: ")" | "]",
  item: (name: string) => T,
): Readonly<Record<string, T>> {
  let entries: Record<string, T> = {};
  if (!reader.at(close)) {
    let last = "";
    let isSorted = true;
    do {
      const { start } = reader;
      const name = reader.identifier("a parameter name");
      if (Object.hasOwn(entries, name)) throw reader.duplicate(start, "a parameter", name);
      reader.expect("=");
      reader.countPart();
      set(entries, name, item(name));
      isSorted &&= last < name;
      last = name;
    } while (reader.accept(","));
    if (!isSorted) entries = sorted(entries);
  }
  reader.expect(close);
  return entries;
}

function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Plain assignment, but for the one name that would set the prototype instead. */
function set<T>(entries: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") {
    Object.defineProperty(entries, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else {
    entries[name] = value;
  }
}

export function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return false;
  return true;
}
