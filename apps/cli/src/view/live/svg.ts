/**
 * A picture of a terminal as an SVG file, as it looks on a dark one. Frames, bars and braille dots are drawn, not written: fonts
 * differ in them.
 */
import type { Canvas } from "./canvas.js";
import type { Style } from "./style.js";

const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;

const COLOURS: Readonly<Record<Style, string>> = {
  plain: "#d6dae4",
  dim: "#8a92a6",
  bold: "#ffffff",
  title: "#6fd3e8",
  frame: "#4a5268",
  dots: "#3f8b9c",
  smoothed: "#6fd3e8",
  validation: "#f2c14e",
  reference: "#c58af9",
  good: "#7fd88f",
  warning: "#f2c14e",
  bad: "#ff7b72",
  key: "#8ab4f8",
  device: "#6fd3e8",
  processor: "#7fd88f",
  waiting: "#f2c14e",
};

/** Paths of one colour. */
interface Drawn {
  dots: string;
  lines: string;
  bars: string;
}

export function pictureSvg(picture: Canvas): string {
  const [width, height] = [
    fixed(picture.width * CELL.width + 2 * MARGIN),
    fixed(picture.height * CELL.height + 2 * MARGIN),
  ];
  const drawn = new Map<Style, Drawn>();
  const texts: string[] = [];
  for (const { x, y, text, style } of picture.runs()) {
    let written = "";
    for (const [index, character] of Array.from(text).entries()) {
      const paths = drawn.get(style) ?? { dots: "", lines: "", bars: "" };
      const isDrawn = draw(
        character,
        MARGIN + (x + index) * CELL.width,
        MARGIN + y * CELL.height,
        paths,
      );
      if (isDrawn) drawn.set(style, paths);
      written += isDrawn ? " " : character;
    }
    texts.push(...words(written, x, y, COLOURS[style]));
  }
  const shapes = [...drawn].map(([style, { dots, lines, bars }]) => {
    const colour = COLOURS[style];
    return [
      bars && `<path d="${bars}" fill="${colour}"/>`,
      lines && `<path d="${lines}" fill="none" stroke="${colour}"/>`,
      dots && `<path d="${dots}" stroke="${colour}" stroke-width="2.6" stroke-linecap="round"/>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    "<title>A training run in the terminal</title>",
    `<rect width="100%" height="100%" rx="8" fill="#10131c"/>`,
    ...shapes,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="14">`,
    ...texts,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** Adds the shape of a character whose cell begins at (x, y); false where it is to be written. */
function draw(character: string, x: number, y: number, paths: Drawn): boolean {
  const { width, height } = CELL;
  const [left, top, right, bottom] = [x, y, x + width, y + height].map(fixed);
  const [middle, centre] = [fixed(x + width / 2), fixed(y + height / 2)];
  const code = character.codePointAt(0)!;
  if (code > 0x2800 && code <= 0x28ff) {
    paths.dots += brailleDots(code - 0x2800, x, y);
    return true;
  }
  const lines: Readonly<Record<string, string>> = {
    "─": `M${left} ${centre}H${right}`,
    "│": `M${middle} ${top}V${bottom}`,
    "╌": `M${left} ${centre}h2.6m1.6 0h2.6`,
    "╭": `M${middle} ${bottom}Q${middle} ${centre} ${right} ${centre}`,
    "╮": `M${left} ${centre}Q${middle} ${centre} ${middle} ${bottom}`,
    "╰": `M${middle} ${top}Q${middle} ${centre} ${right} ${centre}`,
    "╯": `M${left} ${centre}Q${middle} ${centre} ${middle} ${top}`,
  };
  if (character in lines) paths.lines += lines[character];
  else if (character === "█")
    paths.bars += `M${left} ${fixed(y + 4)}H${right}V${fixed(y + 14)}H${left}Z`;
  else return false;
  return true;
}

/** Bits 0 to 2 are the left column from the top, 3 to 5 the right one, 6 and 7 the lowest row. */
function brailleDots(bits: number, x: number, y: number): string {
  let path = "";
  for (let bit = 0; bit < 8; bit++) {
    if ((bits & (1 << bit)) === 0) continue;
    const [column, row] = bit < 6 ? [Math.floor(bit / 3), bit % 3] : [bit - 6, 3];
    const [left, top] = [(column + 0.5) / 2, (row + 0.5) / 4];
    path += `M${fixed(x + left * CELL.width)} ${fixed(y + top * CELL.height)}h0`;
  }
  return path;
}

/** Written text without the spaces between, each part as wide as its cells. */
function words(text: string, x: number, y: number, colour: string): string[] {
  return Array.from(text.matchAll(/\S+(?: \S+)*/g), ({ 0: part, index }) => {
    const [left, baseline] = [MARGIN + (x + index) * CELL.width, MARGIN + (y + 0.75) * CELL.height];
    const place = `x="${fixed(left)}" y="${fixed(baseline)}" textLength="${fixed(part.length * CELL.width)}"`;
    return `<text ${place} fill="${colour}">${escaped(part)}</text>`;
  });
}

function fixed(length: number): number {
  return Number(length.toFixed(1));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
