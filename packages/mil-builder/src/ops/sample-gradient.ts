/** Reading images at computed places. */
import type { Rules } from "../autodiff/vjp.js";

const refused =
  "the engine has no op that adds elements up where they were read, between elements of an image";

export const SAMPLING_GRADIENTS = {
  affine: { refused, advice: "Resize with resize_bilinear, or transform images before training" },
  crop_resize: { refused, advice: "Cut with slice_by_size, then use resize_bilinear" },
  resample: { refused, advice: "Resize with resize_bilinear, or sample images before training" },
} satisfies Rules;
