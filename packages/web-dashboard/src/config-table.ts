/** The configurations of runs beside each other, value by value. */
import { readConfig } from "@ane/run-records";
import type { ConfigTable } from "./wire.js";

/** @throws RunRecordsError for a run whose configuration cannot be read. */
export function configTable(
  runs: readonly { readonly id: string; readonly directory: string }[],
): ConfigTable {
  const columns = runs.map(({ directory }) => {
    const { recipe, execution } = readConfig(directory);
    return new Map([...leaves(recipe), ...leaves(execution)]);
  });
  const names = new Set(columns.flatMap((column) => [...column.keys()]));
  return {
    runs: runs.map(({ id }) => id),
    rows: [...names].map((name) => [name, columns.map((column) => column.get(name) ?? null)]),
  };
}

function leaves(value: unknown, name = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return [[name, String(value ?? "none")]];
  return Object.entries(value).flatMap(([key, item]) =>
    leaves(item, name === "" ? key : `${name}.${key}`),
  );
}
