/** Labelled images in MNIST's format, for models of three labels. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Images of 8 x 8 of which label 0 is dark, 1 grey and 2 bright. @returns The path of the images. */
export function writeImages(folder: string, count: number): string {
  const pixels = new Uint8Array(count * 64);
  const labels = Uint8Array.from({ length: count }, (_, n) => (n * 7) % 3);
  for (let i = 0; i < pixels.length; i++) {
    const n = Math.floor(i / 64);
    pixels[i] = [20, 90, 200][labels[n]!]! + ((i * 37) % 40);
  }
  const header = (...dims: number[]) =>
    Buffer.concat([Buffer.of(0, 0, 8, dims.length), ...dims.map((dim) => bigEndian(dim))]);
  const path = join(folder, "tiny-images-idx3-ubyte");
  writeFileSync(path, Buffer.concat([header(count, 8, 8), pixels]));
  writeFileSync(join(folder, "tiny-labels-idx1-ubyte"), Buffer.concat([header(count), labels]));
  return path;
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
