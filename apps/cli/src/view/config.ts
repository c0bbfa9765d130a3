/** A run's options as a table: name, value, where from. */

/** Rows in the order that they are stored in. */
export type Section = readonly {
  readonly name: string;
  readonly value: unknown;
  readonly from: string;
}[];

const TITLES = {
  recipe: "recipe: shapes the losses, never changes in a run",
  execution: "execution: may change when the run is resumed",
} as const;

const NAME_WIDTH = 17;
const VALUE_WIDTH = 44;

export function formatConfig(
  directory: string,
  sections: Readonly<Record<keyof typeof TITLES, Section>>,
): string {
  const parts = (Object.keys(TITLES) as (keyof typeof TITLES)[]).map((part) =>
    [TITLES[part], ...sections[part].map(lineOf)].join("\n"),
  );
  return `${directory}\n\n${parts.join("\n\n")}\n`;
}

function lineOf({ name, value, from }: Section[number]): string {
  return `  ${name.padEnd(NAME_WIDTH)} ${valueText(name, value).padEnd(VALUE_WIDTH)} ${from}`;
}

function valueText(name: string, value: unknown): string {
  if (value === null) return "none";
  if (name === "steps" && value === Number.MAX_SAFE_INTEGER) return "no limit";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(item)).join(", ") || "none";
  const { name: title, sha256, tokens } = value as Partial<Record<string, string | number>>;
  if (title !== undefined) return String(title);
  // A file by its content, shortened.
  return `${tokens === undefined ? "" : `${tokens} tokens, `}sha256 ${String(sha256).slice(0, 12)}…`;
}
