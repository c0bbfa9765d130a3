/** Rows of cells as aligned text. */
import { textWidth } from "./live/canvas.js";

const GAP = "  ";

/**
 * @param rows Of equal length.
 * @param alignment One letter per column: l or r.
 */
export function formatTable(rows: readonly (readonly string[])[], alignment: string): string {
  const widths = Array.from(alignment, (_, column) =>
    rows.reduce((width, row) => Math.max(width, textWidth(row[column] ?? "")), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const space = " ".repeat(Math.max(0, widths[column]! - textWidth(cell)));
          return alignment[column] === "r" ? space + cell : cell + space;
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}
