/** How pictures look on this terminal, by the conventions of its environment. */
import { ASCII_GLYPHS, type Glyphs, type Palette, UNICODE_GLYPHS } from "./style.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** @param ascii Asked for. Otherwise the locale decides, and Linux's own console has no braille characters. */
export function glyphsFor(environment: Environment, ascii = false): Glyphs {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  const isUnicode = /utf-?8/i.test(locale) && environment.TERM !== "linux";
  return ascii || !isUnicode ? ASCII_GLYPHS : UNICODE_GLYPHS;
}

/** See https://no-color.org. */
export function paletteFor({ NO_COLOR, TERM }: Environment): Palette {
  return NO_COLOR || TERM?.endsWith("-m") ? "mono" : "colour";
}

/** A terminal that can be drawn on, and somebody in front of it. */
export function canDraw({ TERM }: Environment): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY && TERM !== "dumb");
}
