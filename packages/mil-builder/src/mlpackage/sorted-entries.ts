/** Entries of a record in the order of their names, so that equal programs make equal bytes. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): [name: string, value: T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
