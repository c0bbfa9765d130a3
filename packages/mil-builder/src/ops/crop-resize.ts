/**
 * Boxes of images x [B, C, H, W]. A box reaches from its first point to its last one, both included; a point of it outside
 * the image reads pad_value alone. Source: coremltools iOS15 to iOS17 image_resizing.py.
 */
import { gridPoints, SAMPLING_MODES, type SamplingMode } from "../evaluate/resample-axis.js";
import { bilinear } from "../evaluate/sample-plane.js";
import { absent, choice, flag, from, integer, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";
import { checkSize, type Four, imageShape, planeOf } from "./image.js";
import { insideIndex } from "./indices.js";

const BOX = {
  target_height: optional(integer(), 1),
  target_width: optional(integer(), 1),
  normalized_coordinates: optional(flag(), false),
  spatial_scale: optional(real("S"), 1),
  box_coordinate_mode: optional(
    choice([
      "CORNERS_HEIGHT_FIRST",
      "CORNERS_WIDTH_FIRST",
      "CENTER_SIZE_HEIGHT_FIRST",
      "CENTER_SIZE_WIDTH_FIRST",
    ]),
    "CORNERS_HEIGHT_FIRST",
  ),
  sampling_mode: optional(choice(SAMPLING_MODES), "DEFAULT"),
} as const;
const SCALE = { domain: ["fp32"] } as const;

interface BoxOptions {
  readonly target_height: number;
  readonly target_width: number;
  readonly normalized_coordinates: boolean;
  readonly spatial_scale: number;
  readonly box_coordinate_mode: string;
  readonly sampling_mode: SamplingMode;
  readonly pad_value: number;
}

/** Where the rows and columns of a crop lie in the image. */
function cropGrid(box: ArrayLike<number>, { shape }: TensorType, options: BoxOptions) {
  const [, , height, width] = shape as Four;
  const scaled = Array.from(box, (value) => value * options.spatial_scale);
  const mode = options.box_coordinate_mode;
  const [y0, x0, y1, x1] = mode.endsWith("WIDTH_FIRST")
    ? [scaled[1]!, scaled[0]!, scaled[3]!, scaled[2]!]
    : [scaled[0]!, scaled[1]!, scaled[2]!, scaled[3]!];
  const isCenter = mode.startsWith("CENTER");
  const line = (a: number, b: number, length: number, target: number) => {
    const unit = options.normalized_coordinates ? length - 1 : 1;
    const [start, end] = (isCenter ? [a - b / 2, a + b / 2] : [a, b]).map((it) => it * unit) as [
      number,
      number,
    ];
    const points = gridPoints(options.sampling_mode, Math.abs(end - start) + 1, target);
    return points.map((point) => start + Math.sign(end - start) * point);
  };
  return {
    rows: line(y0, y1, height, options.target_height),
    columns: line(x0, x1, width, options.target_width),
  };
}

/** A little more than what rounding can push a point at the edge outside. */
const EDGE = 1e-9;

function cropBox(
  x: Tensor,
  image: number,
  box: ArrayLike<number>,
  options: BoxOptions,
  target: Float64Array,
): void {
  const [, channels, height, width] = x.type.shape as Four;
  const { rows, columns } = cropGrid(box, x.type, options);
  const outside = (at: number, length: number) => at < -EDGE || at > length - 1 + EDGE;
  let position = 0;
  for (let c = 0; c < channels; c++) {
    const plane = planeOf(x, image, c);
    for (const row of rows) {
      for (const column of columns) {
        target[position++] =
          outside(row, height) || outside(column, width)
            ? options.pad_value
            : bilinear(plane, row, column, { mode: "border" });
      }
    }
  }
}

/** roi [N, 1, 4, 1, 1]: every box of every image; [N, 1, 5, 1, 1]: image index and box. */
export const cropResize = defineOp({
  type: "crop_resize",
  summary: "boxes of images, resized linearly",
  since: "ios15",
  types: { T: { domain: FLOATS }, S: SCALE },
  inputs: {
    x: tensorInput("T"),
    roi: tensorInput("T"),
    ...BOX,
    pad_value: from("ios16", optional(real("T"), 0)),
  },
  infer: ({ x, roi, target_height, target_width }, scope) => {
    const [images, channels] = imageShape(x, scope);
    const [boxes, , numbers] = roi.shape;
    const fits =
      shapesAgree(roi.shape, [boxes!, 1, numbers!, 1, 1]) && (numbers === 4 || numbers === 5);
    if (!fits) {
      const expected = "[N, 1, 4, 1, 1] or [N, 1, 5, 1, 1]";
      throw scope.error('"roi" must hold boxes', expected, formatShape(roi.shape));
    }
    checkSize(target_height, target_width, scope);
    const crops = numbers === 5 ? 1 : images;
    return tensor(x.dtype, [boxes!, crops, channels, target_height, target_width]);
  },
  evaluate: ({ x, roi, ...options }, [out]) => {
    const [boxes, crops, ...rest] = out.type.shape as [number, number, ...number[]];
    const size = rest.reduce((product, dim) => product * dim, 1);
    const numbers = roi.type.shape[2]!;
    for (let i = 0; i < boxes * crops; i++) {
      const given = roi.data.subarray(Math.floor(i / crops) * numbers).subarray(0, numbers);
      const image =
        numbers === 5 ? insideIndex("crop_resize", given[0]!, x.type.shape[0]!) : i % crops;
      const target = out.data.subarray(i * size, (i + 1) * size);
      cropBox(x, image, given.subarray(numbers - 4), options, target);
    }
  },
});

/** Box i is cut out of image `box_indices[i]`. */
export const cropResizeIos17 = defineOp({
  type: "crop_resize",
  summary: "boxes of images, resized linearly",
  since: "ios17",
  types: {
    T: { domain: FLOATS },
    B: { domain: [...FLOATS, "uint16"] },
    I: { domain: ["uint16", "int32"] },
    S: SCALE,
  },
  inputs: {
    x: tensorInput("T"),
    boxes: tensorInput("B"),
    box_indices: absent(tensorInput("I"), "0, 1, 2, ..."),
    ...BOX,
    pad_value: optional(real("T"), 0),
  },
  infer: ({ x, boxes, box_indices, ...options }, scope) => {
    const [images, channels] = imageShape(x, scope);
    const [count, numbers] = boxes.shape;
    if (boxes.shape.length !== 2 || !dimsAgree(numbers!, 4)) {
      throw scope.error('"boxes" must hold boxes', "[N, 4]", formatShape(boxes.shape));
    }
    if (box_indices === undefined ? count! > images : !shapesAgree(box_indices.shape, [count!])) {
      const actual = box_indices === undefined ? "none" : formatShape(box_indices.shape);
      throw scope.error('"box_indices" must name an image per box', `[${count}]`, actual);
    }
    if (scope.elementsOf("box_indices")?.some((index) => index < 0 || index >= images)) {
      const actual = formatShape(scope.elementsOf("box_indices")!);
      throw scope.error('"box_indices" must name images', `0..${images - 1}`, actual);
    }
    if (options.normalized_coordinates && boxes.dtype === "uint16") {
      throw scope.error("normalized boxes must be floats", FLOATS.join(" or "), boxes.dtype);
    }
    checkSize(options.target_height, options.target_width, scope);
    return tensor(x.dtype, [count!, channels, options.target_height, options.target_width]);
  },
  evaluate: ({ x, boxes, box_indices, ...options }, [out]) => {
    const count = out.type.shape[0]!;
    const size = out.data.length / count;
    for (let i = 0; i < count; i++) {
      const image = insideIndex("crop_resize", box_indices?.data[i] ?? i, x.type.shape[0]!);
      const target = out.data.subarray(i * size, (i + 1) * size);
      cropBox(x, image, boxes.data.subarray(4 * i, 4 * i + 4), options, target);
    }
  },
});
