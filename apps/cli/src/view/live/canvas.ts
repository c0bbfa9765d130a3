/**
 * A picture of character cells. Panels draw into an `Area` of it, which clips; the result is lines for a terminal, or plain text.
 * Wide characters take two cells, and what has no width is left out.
 */
import stringWidth from "string-width";
import { type Palette, type Style, styleCode } from "./style.js";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Texts of which each character surely takes one cell: Latin, dashes, arrows, frames, braille. */
const SINGLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2026\u2190-\u2193\u2500-\u259f\u2800-\u28ff]*$/;

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** [height · width]; "" is the second cell of a wide character. */
  readonly #characters: string[];
  readonly #styles: Style[];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#characters = new Array(width * height).fill(" ");
    this.#styles = new Array(width * height).fill("plain");
  }

  get area(): Area {
    return new Area(this, 0, 0, this.width, this.height);
  }

  /** @param character Of the cell; of a wide one the first. */
  set(x: number, y: number, character: string, style: Style): void {
    this.#characters[y * this.width + x] = character;
    this.#styles[y * this.width + x] = style;
  }

  /** One line per row, with the terminal's codes for styles, each complete in itself. */
  lines(palette: Palette): string[] {
    return this.#rows((characters, styles) => {
      let line = "";
      let current: string | undefined;
      for (const [x, character] of characters.entries()) {
        const code = styleCode(palette, styles[x]!);
        if (code !== (current ?? "")) line += `\u001b[0${code === "" ? "" : `;${code}`}m`;
        current = code;
        line += character;
      }
      return current === "" || current === undefined ? line : `${line}\u001b[0m`;
    });
  }

  /** Without styles and spaces at the ends of lines. */
  text(): string {
    return this.#rows((characters) => characters.join("").trimEnd()).join("\n");
  }

  /** Runs of equal style, row by row: what a picture file is made of. */
  runs(): { x: number; y: number; text: string; style: Style }[] {
    const runs: { x: number; y: number; text: string; style: Style }[] = [];
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const index = y * this.width + x;
        const [text, style] = [this.#characters[index]!, this.#styles[index]!];
        const last = runs.at(-1);
        if (x > 0 && last?.y === y && last.style === style) last.text += text;
        else runs.push({ x, y, text, style });
      }
    }
    return runs.filter(({ text }) => text.trim() !== "");
  }

  #rows<T>(row: (characters: string[], styles: Style[]) => T): T[] {
    return Array.from({ length: this.height }, (_, y) => {
      const [start, end] = [y * this.width, (y + 1) * this.width];
      return row(this.#characters.slice(start, end), this.#styles.slice(start, end));
    });
  }
}

/** A rectangle of a canvas with coordinates of its own. */
export class Area {
  readonly #canvas: Canvas;
  readonly #left: number;
  readonly #top: number;
  readonly width: number;
  readonly height: number;

  constructor(canvas: Canvas, left: number, top: number, width: number, height: number) {
    this.#canvas = canvas;
    this.#left = left;
    this.#top = top;
    this.width = Math.max(0, width);
    this.height = Math.max(0, height);
  }

  /** A part of it; what would reach out is cut off. */
  part(x: number, y: number, width: number, height: number): Area {
    return new Area(
      this.#canvas,
      this.#left + x,
      this.#top + y,
      Math.min(width, this.width - x),
      Math.min(height, this.height - y),
    );
  }

  /** @returns The x after the text; the area's width where it was cut off. */
  text(x: number, y: number, text: string, style: Style = "plain"): number {
    if (y < 0 || y >= this.height) return x;
    let at = x;
    for (const [character, width] of cellsOf(text)) {
      if (at + width > this.width) return this.width;
      if (at >= 0) this.#put(at, y, character, width, style);
      at += width;
    }
    return at;
  }

  /** So that the text ends before `right`. */
  textBefore(right: number, y: number, text: string, style: Style = "plain"): void {
    this.text(right - textWidth(text), y, text, style);
  }

  #put(x: number, y: number, character: string, width: number, style: Style): void {
    this.#canvas.set(this.#left + x, this.#top + y, character, style);
    if (width === 2) this.#canvas.set(this.#left + x + 1, this.#top + y, "", style);
  }
}

/** Cells that a text takes. */
export function textWidth(text: string): number {
  return SINGLE.test(text) ? text.length : stringWidth(text);
}

/** Characters as a person sees them, with their widths: nothing that would move the cursor. */
function cellsOf(text: string): Iterable<readonly [string, number]> {
  if (SINGLE.test(text)) return Array.from(text, (character) => [character, 1] as const);
  return Array.from(graphemes.segment(text), ({ segment }) => {
    return [segment, stringWidth(segment)] as const;
  }).filter(([, width]) => width > 0);
}
