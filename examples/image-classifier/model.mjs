/**
 * A small classifier of images: two convolutions with stride, and the mean over what is left of the image. N = batch, C = channels.
 */
import { defineLayer, defineModel } from "@ane/trainer";

/** relu(W ∗ x + b), half as high and wide. */
export const downConvolution = (input, output) =>
  defineLayer({
    name: "downConvolution",
    parameters: {
      weight: { shape: [output, input, 3, 3], init: "he" },
      bias: { shape: [output] },
    },
    forward(f, { x, w }) {
      const y = f.conv({
        x,
        weight: w.weight,
        strides: [2, 2],
        pad_type: "custom",
        pad: [1, 1, 1, 1],
      });
      return f.relu({ x: f.add({ x: y, y: w.bias }) });
    },
  });

export function imageClassifier({ name = "image-classifier", size, batch, channels, classes }) {
  const [first, second] = channels;
  return defineModel({
    name,
    input: { kind: "images", shape: [1, size, size], batch },
    layers: [downConvolution(1, first), downConvolution(first, second)],
    head: { kind: "label", classes },
  });
}

/** Of the drawings that make-shapes.mjs makes. */
export default imageClassifier({
  name: "shapes",
  size: 16,
  batch: 16,
  channels: [8, 16],
  classes: 4,
});
