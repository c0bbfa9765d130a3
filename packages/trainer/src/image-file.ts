/**
 * Labelled images in the IDX format of MNIST (yann.lecun.com/exdb/mnist): a file of bytes [count, height, width] or
 * [count, channels, height, width], and beside it a file of as many labels, whose name has "labels" for "images" and "idx1" for
 * "idx3" or "idx4". Numbers of the headers are big-endian: 0, 0, 8 (bytes), rank, then each dim as uint32.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OptionError } from "./errors.js";
import { expectFile, messageOf, type Split } from "./input-files.js";
import type { ImageInputRecord, ImageModel } from "./model-record.js";

export interface ImageFile {
  /** Of images and labels, in hexadecimal. */
  readonly sha256: string;
  readonly count: number;
  /** [count, channels · height · width] */
  readonly pixels: Uint8Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/** The file of the labels that belong to the images. */
export function labelPath(images: string): string {
  const name = basename(images)
    .replace("images", "labels")
    .replace(/idx[34]/, "idx1");
  return join(dirname(images), name);
}

/** @throws OptionError naming the option, if the files are missing, damaged, or not of the model's images and labels. */
export function openImages(split: Split, path: string, model: ImageModel): ImageFile {
  const { shape } = model.input;
  const [channels, height, width] = shape;
  const expected = `[count, ${channels === 1 ? "" : `${channels}, `}${height}, ${width}]`;
  const refuse = (rule: string, actual: string, file: string): never => {
    throw new OptionError(
      split,
      `must ${rule} for ${model.name}, got ${actual} in ${file}. Give an IDX file of bytes, as MNIST has them.`,
    );
  };
  if (labelPath(path) === path) {
    refuse('be a file with "images" in its name', "another name", path);
  }
  const images = readIdx(split, path);
  const [count, ...dims] = images.dims;
  const isOfModel =
    dims.length > 1 &&
    dims.slice(-2).join() === `${height},${width}` &&
    dims.slice(0, -2).reduce((product, dim) => product * dim, 1) === channels;
  if (!isOfModel) refuse(`have the dims ${expected}`, `[${images.dims.join(", ")}]`, path);
  const labels = readIdx(split, labelPath(path));
  if (labels.dims.length !== 1 || labels.dims[0] !== count) {
    refuse(`have ${count} labels`, `[${labels.dims.join(", ")}]`, labelPath(path));
  }
  const wrong = labels.elements.find((label) => label >= model.head.classes);
  if (wrong !== undefined) {
    refuse(`have labels below ${model.head.classes}`, `${wrong}`, labelPath(path));
  }
  const [pixels, own] = [images.elements, labels.elements];
  const sha256 = createHash("sha256").update(pixels).update(own).digest("hex");
  return { sha256, count: count!, pixels, labels: own };
}

/** What a micro-step is given: the images [batch, channels, height, width] as numbers, and their labels [batch]. */
export function imageBatch(
  { pixels, labels }: ImageFile,
  chosen: readonly number[],
  { shape, mean, std }: ImageInputRecord,
): { inputs: Float32Array; targets: Uint16Array } {
  const size = shape[0] * shape[1] * shape[2];
  const inputs = new Float32Array(chosen.length * size);
  chosen.forEach((image, n) => {
    for (let i = 0; i < size; i++) {
      inputs[n * size + i] = (pixels[image * size + i]! / 255 - mean) / std;
    }
  });
  return { inputs, targets: Uint16Array.from(chosen, (image) => labels[image]!) };
}

function readIdx(split: Split, path: string): { dims: number[]; elements: Uint8Array } {
  expectFile(split, path);
  try {
    const bytes = readFileSync(path);
    const isBytes = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;
    if (!isBytes) throw new Error("it does not begin like an IDX file of bytes");
    const dims = Array.from({ length: bytes[3]! }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
    const start = 4 + 4 * dims.length;
    const length = dims.reduce((product, dim) => product * dim, 1);
    if (bytes.length !== start + length) {
      throw new Error(`it must have ${start + length} bytes, got ${bytes.length}`);
    }
    return { dims, elements: bytes.subarray(start) };
  } catch (cause) {
    throw new OptionError(
      split,
      `must be an IDX file, got ${messageOf(cause)}: ${path}. Give one as MNIST has them.`,
      { cause },
    );
  }
}
