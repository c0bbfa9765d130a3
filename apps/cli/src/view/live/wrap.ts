/** Text in lines of a width, broken at spaces where there are some. */
import { textWidth } from "./canvas.js";

export function wrap(text: string, width: number): string[] {
  if (width < 1) return [];
  return text.split(/\r?\n/).flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(/\s+/).filter((part) => part !== "")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (textWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (textWidth(line) > width) {
      const piece = fitting(line, width);
      lines.push(piece);
      line = line.slice(piece.length);
    }
  }
  return [...lines, line];
}

/** The longest beginning that fits, of one character at least. */
function fitting(text: string, width: number): string {
  let piece = "";
  for (const character of text) {
    if (piece !== "" && textWidth(piece + character) > width) break;
    piece += character;
  }
  return piece;
}
