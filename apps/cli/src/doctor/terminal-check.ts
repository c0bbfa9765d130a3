/** What the live view can count on: a terminal, its size, its characters and colours. */
import { type Check, ok, warn } from "./check.js";

export interface Terminal {
  /** Both outputs are a terminal. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly env: Readonly<Partial<Record<string, string>>>;
}

/** The live view's smallest layout. */
const SMALLEST = { columns: 40, rows: 15 } as const;

export function terminalCheck({ interactive, columns, rows, env }: Terminal): Check {
  const name = "terminal";
  if (!interactive) return ok(name, "none: output is plain lines");
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  const isUnicode = /utf-?8/i.test(locale);
  const evidence = [
    `${columns} x ${rows}`,
    env.TERM ?? "no TERM",
    `locale ${locale || "unset"}`,
    env.NO_COLOR ? "no colours (NO_COLOR)" : "colours",
  ].join(", ");
  if (env.TERM === undefined || env.TERM === "dumb") {
    return warn(name, evidence, "Set TERM to what your terminal is, or use train --plain");
  }
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    return warn(
      name,
      evidence,
      `Make it at least ${SMALLEST.columns} x ${SMALLEST.rows}, or use train --plain`,
    );
  }
  if (!isUnicode) {
    return warn(
      name,
      evidence,
      "Curves are drawn in ASCII: set LANG to a UTF-8 locale for braille",
    );
  }
  return ok(name, evidence);
}
