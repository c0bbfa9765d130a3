/** Writes a picture into the folder of its run: as SVG, and as plain text. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Canvas } from "./canvas.js";
import { pictureSvg } from "./svg.js";

/** @returns The path of the SVG file. @throws The system's error */
export function savePicture(picture: Canvas, directory: string, step: number): string {
  const path = join(directory, `view-${String(step).padStart(8, "0")}`);
  writeFileSync(`${path}.txt`, `${picture.text()}\n`);
  writeFileSync(`${path}.svg`, pictureSvg(picture));
  return `${path}.svg`;
}
