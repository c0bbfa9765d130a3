/** A panel's frame with its title. */
import { type Area, textWidth } from "./canvas.js";
import type { Glyphs, Style } from "./style.js";

type Note = readonly (readonly [text: string, style: Style])[];

/**
 * @param note Right in the upper edge, where there is room.
 * @returns The area inside.
 */
export function framed(area: Area, glyphs: Glyphs, title: string, note: string | Note = ""): Area {
  const { width, height } = area;
  const { horizontal, vertical, corners } = glyphs;
  const edge = horizontal.repeat(Math.max(0, width - 2));
  area.text(0, 0, `${corners[0]}${edge}${corners[1]}`, "frame");
  for (let y = 1; y < height - 1; y++) {
    area.text(0, y, vertical, "frame");
    area.text(width - 1, y, vertical, "frame");
  }
  area.text(0, height - 1, `${corners[2]}${edge}${corners[3]}`, "frame");
  area.part(0, 0, width - 1, 1).text(2, 0, ` ${title} `, "title");
  const parts: Note = typeof note === "string" ? [[note, "dim"]] : note;
  const noteWidth = textWidth(parts.map(([text]) => text).join("  "));
  if (noteWidth > 0 && textWidth(title) + noteWidth + 9 <= width) {
    let x = area.text(width - noteWidth - 4, 0, " ");
    for (const [index, [text, style]] of parts.entries()) {
      x = area.text(area.text(x, 0, text, style), 0, index < parts.length - 1 ? "  " : " ");
    }
  }
  return area.part(1, 1, width - 2, height - 2);
}
