/** Reading images x [B, C, H, W] at computed places. Source: coremltools iOS15 to iOS17 image_resizing.py. */
import { bilinear, nearest, type Outside } from "../evaluate/sample-plane.js";
import { choice, flag, integer, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS } from "../op-definition.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";
import { cropResize, cropResizeIos17 } from "./crop-resize.js";
import { checkSize, type Four, imageShape, planeOf } from "./image.js";

/** From -1 (the first element's center) to 1 (the last one's); 0 if there is one element. */
function centered(i: number, length: number): number {
  return length === 1 ? 0 : (2 * i) / (length - 1) - 1;
}

/** The value at (x, y) is that of the image at (a0 x + a1 y + a2, b0 x + b1 y + b2), both from -1 to 1. */
const affine = defineOp({
  type: "affine",
  summary: "images read at linearly transformed coordinates, 0 outside",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: {
    x: tensorInput("T"),
    transform_matrix: tensorInput("T"),
    output_height: integer(),
    output_width: integer(),
    sampling_mode: choice(["bilinear"]),
    padding_mode: choice(["constant"]),
    padding_value: real("T"),
    coordinates_mode: choice(["normalized_minus_one_to_one"]),
    align_corners: flag(),
  },
  infer: ({ x, transform_matrix, output_height, output_width, ...inputs }, scope) => {
    const [b, c] = imageShape(x, scope);
    const { shape } = transform_matrix;
    if (!shapesAgree(shape, [b, 6]) && !shapesAgree(shape, [1, 6])) {
      const rule = '"transform_matrix" must be one for all images or one for each';
      throw scope.error(rule, `[1, 6] or [${b}, 6]`, formatShape(shape));
    }
    if (inputs.padding_value !== 0) {
      throw scope.error('"padding_value" must be 0', "0", `${inputs.padding_value}`);
    }
    if (!inputs.align_corners) {
      throw scope.error('"align_corners" must be true', "true", "false");
    }
    checkSize(output_height, output_width, scope);
    return tensor(x.dtype, [b, c, output_height, output_width]);
  },
  evaluate: ({ x, transform_matrix }, [out]) => {
    const [images, channels, rows, columns] = out.type.shape as Four;
    const outside: Outside = { mode: "constant", value: 0 };
    let position = 0;
    for (let b = 0; b < images; b++) {
      const start = transform_matrix.type.shape[0] === 1 ? 0 : 6 * b;
      const [a0, a1, a2, b0, b1, b2] = transform_matrix.data.subarray(
        start,
        start + 6,
      ) as unknown as readonly [number, number, number, number, number, number];
      for (let c = 0; c < channels; c++) {
        const plane = planeOf(x, b, c);
        for (let i = 0; i < rows * columns; i++) {
          const v = centered(Math.floor(i / columns), rows);
          const u = centered(i % columns, columns);
          const column = ((a0 * u + a1 * v + a2 + 1) / 2) * (plane.width - 1);
          const row = ((b0 * u + b1 * v + b2 + 1) / 2) * (plane.height - 1);
          out.data[position++] = bilinear(plane, row, column, outside);
        }
      }
    }
  },
});

type CoordinatesMode = "unnormalized" | "normalized_minus_one_to_one" | "normalized_zero_to_one";

/** The index that a coordinate names along an axis. */
function coordinate(
  value: number,
  length: number,
  mode: CoordinatesMode,
  aligned: boolean,
): number {
  if (mode === "unnormalized") return value;
  const fraction = mode === "normalized_zero_to_one" ? value : (value + 1) / 2;
  return aligned ? fraction * (length - 1) : fraction * length - 0.5;
}

const resample = defineOp({
  type: "resample",
  summary: "images read at the (x, y) coordinates given for each place of the result",
  since: "ios15",
  types: {
    T: { domain: FLOATS },
    U: {
      domain: {
        ios15: ["int32", "fp32"],
        ios16: ["int32", "fp16", "fp32"],
        ios17: ["int8", "uint8", "int16", "uint16", "int32", "fp16", "fp32"],
      },
    },
  },
  inputs: {
    x: tensorInput("T"),
    coordinates: tensorInput("U"),
    sampling_mode: choice(["bilinear", "nearest"]),
    padding_mode: choice(["constant", "border", "reflection", "symmetric"]),
    padding_value: real("T"),
    coordinates_mode: choice([
      "unnormalized",
      "normalized_minus_one_to_one",
      "normalized_zero_to_one",
    ]),
    align_corners: flag(),
  },
  infer: ({ x, coordinates }, scope) => {
    const [b, c] = imageShape(x, scope);
    const [images, rows, columns, pair] = coordinates.shape;
    const fits = coordinates.shape.length === 4 && dimsAgree(pair!, 2) && dimsAgree(images!, b);
    if (!fits) {
      const rule = '"coordinates" must be [B, H, W, 2]';
      throw scope.error(rule, `[${b}, H, W, 2]`, formatShape(coordinates.shape));
    }
    return tensor(x.dtype, [b, c, rows!, columns!]);
  },
  evaluate: ({ x, coordinates, ...inputs }, [out]) => {
    const [images, channels, rows, columns] = out.type.shape as Four;
    const read = inputs.sampling_mode === "nearest" ? nearest : bilinear;
    const outside: Outside =
      inputs.padding_mode === "constant"
        ? { mode: "constant", value: inputs.padding_value }
        : { mode: inputs.padding_mode };
    const index = (at: number, length: number) =>
      coordinate(coordinates.data[at]!, length, inputs.coordinates_mode, inputs.align_corners);
    let position = 0;
    for (let b = 0; b < images; b++) {
      for (let c = 0; c < channels; c++) {
        const plane = planeOf(x, b, c);
        for (let i = 0; i < rows * columns; i++) {
          const at = 2 * (b * rows * columns + i);
          const [row, column] = [index(at + 1, plane.height), index(at, plane.width)];
          out.data[position++] = read(plane, row, column, outside);
        }
      }
    }
  },
});

export const SAMPLING_OPS = {
  affine,
  crop_resize: [cropResize, cropResizeIos17],
  resample,
} as const;
