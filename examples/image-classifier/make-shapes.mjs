/**
 * Draws a data set in MNIST's format: grey images of 16 × 16 with a disc, a ring, a square or a cross of random place and size, on
 * noise. The same files for the same seed.
 *
 *     node make-shapes.mjs FOLDER [COUNT]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SIZE = 16;

/** Is the point inside, at (x, y) from the middle, for the radius r? */
const SHAPES = [
  (x, y, r) => Math.hypot(x, y) <= r, // disc
  (x, y, r) => Math.abs(Math.hypot(x, y) - r) <= 1, // ring
  (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= 0.9 * r, // square
  (x, y, r) => Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= r, // cross
];

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Big-endian header, then the bytes. */
function idx(dims, elements) {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.set([0, 0, 8, dims.length]);
  dims.forEach((dim, i) => {
    header.writeUInt32BE(dim, 4 + 4 * i);
  });
  return Buffer.concat([header, elements]);
}

/** Writes `<name>-images-idx3-ubyte` and `<name>-labels-idx1-ubyte`. @returns Path of the images. */
export function makeShapes(folder, name, count, seed) {
  const random = randomNumbers(seed);
  const pixels = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = n % SHAPES.length;
    const isInside = SHAPES[labels[n]];
    const radius = 3.5 + 2.5 * random();
    const [centerX, centerY] = [0, 0].map(() => radius + (SIZE - 1 - 2 * radius) * random());
    for (let i = 0; i < SIZE * SIZE; i++) {
      const [x, y] = [(i % SIZE) - centerX, Math.floor(i / SIZE) - centerY];
      pixels[n * SIZE * SIZE + i] = (isInside(x, y, radius) ? 150 : 30) + 70 * random();
    }
  }
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}-images-idx3-ubyte`);
  writeFileSync(path, idx([count, SIZE, SIZE], pixels));
  writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idx([count], labels));
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = "shapes", count = "4096"] = process.argv.slice(2);
  makeShapes(folder, "train", Number(count), 1);
  makeShapes(folder, "test", Number(count) / 4, 2);
}
