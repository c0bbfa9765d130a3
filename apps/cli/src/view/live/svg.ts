/** A picture of a terminal as an SVG file, as it looks on a dark one. */
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

export function pictureSvg(picture: Canvas): string {
  const [width, height] = [
    picture.width * CELL.width + 2 * MARGIN,
    picture.height * CELL.height + 2 * MARGIN,
  ].map((length) => Number(length.toFixed(1)));
  const runs = picture.runs().map(({ x, y, text, style }) => {
    const [left, baseline] = [MARGIN + x * CELL.width, MARGIN + (y + 0.75) * CELL.height];
    const place = `x="${left.toFixed(1)}" y="${baseline.toFixed(1)}" textLength="${(text.length * CELL.width).toFixed(1)}"`;
    return `<text ${place} fill="${COLOURS[style]}">${escaped(text)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="#10131c"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
    ...runs,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
