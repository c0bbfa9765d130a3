/**
 * Dots in the cells of an area: a braille character holds 2 x 4 of them, an ASCII one is one dot. Layers drawn later hide
 * earlier ones in the cells that they touch, so that a line stays a line in a cloud of dots.
 */
import type { Area } from "./canvas.js";
import type { Glyphs, Style } from "./style.js";

const BRAILLE = 0x2800;

/** Bit of the dot in column x (0 to 1) and row y (0 to 3) of a braille character. */
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

export class DotPlot {
  readonly #area: Area;
  readonly #braille: boolean;
  /** Dots across and down. */
  readonly columns: number;
  readonly rows: number;
  readonly #bits: Uint8Array;
  readonly #layers: (Layer | undefined)[];

  constructor(area: Area, glyphs: Glyphs) {
    this.#area = area;
    this.#braille = glyphs.braille;
    this.columns = area.width * (glyphs.braille ? 2 : 1);
    this.rows = area.height * (glyphs.braille ? 4 : 1);
    this.#bits = new Uint8Array(area.width * area.height);
    this.#layers = new Array(area.width * area.height).fill(undefined);
  }

  /** A dot by its place, 0 to 1 from the left and from the bottom; outside it is not drawn. */
  dot(x: number, y: number, layer: Layer): void {
    this.#mark(this.#column(x), this.#row(y), layer);
  }

  /** A line between two places; a part outside is not drawn. */
  line(from: readonly [number, number], to: readonly [number, number], layer: Layer): void {
    const [x0, y0] = [this.#column(from[0]), this.#row(from[1])];
    const [x1, y1] = [this.#column(to[0]), this.#row(to[1])];
    const count = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    if (!Number.isFinite(count) || count > 4 * (this.columns + this.rows)) return;
    for (let i = 0; i <= count; i++) {
      const share = i / count;
      this.#mark(Math.round(x0 + share * (x1 - x0)), Math.round(y0 + share * (y1 - y0)), layer);
    }
  }

  /** Puts what was drawn into the area. */
  draw(): void {
    const { width } = this.#area;
    for (const [index, layer] of this.#layers.entries()) {
      if (!layer) continue;
      const character = this.#braille
        ? String.fromCharCode(BRAILLE + this.#bits[index]!)
        : layer.ascii;
      this.#area.text(index % width, Math.floor(index / width), character, layer.style);
    }
  }

  #column(x: number): number {
    return Math.round(x * (this.columns - 1));
  }

  /** From the top. */
  #row(y: number): number {
    return Math.round((1 - y) * (this.rows - 1));
  }

  #mark(x: number, y: number, layer: Layer): void {
    if (!(x >= 0 && x < this.columns && y >= 0 && y < this.rows)) return;
    const [dotsAcross, dotsDown] = this.#braille ? [2, 4] : [1, 1];
    const index = Math.floor(y / dotsDown) * this.#area.width + Math.floor(x / dotsAcross);
    const before = this.#layers[index];
    if (before && before.depth > layer.depth) return;
    if (before !== layer) this.#bits[index] = 0;
    this.#layers[index] = layer;
    this.#bits[index]! |= BITS[(x % dotsAcross) as 0 | 1][(y % dotsDown) as 0 | 1 | 2 | 3];
  }
}

export interface Layer {
  readonly style: Style;
  /** Instead of braille. */
  readonly ascii: string;
  /** Of two layers in a cell the deeper one is hidden: 0 is deepest. */
  readonly depth: number;
}
