/** Rules of ops on images x [N, C, H, W]. */
import type { Plane } from "../evaluate/sample-plane.js";
import type { InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape } from "../tensor-type.js";

export type Four = readonly [n: number, c: number, h: number, w: number];

export function imageShape({ shape }: TensorType, scope: InferScope): Four {
  if (shape.length === 4) return shape as unknown as Four;
  throw scope.error('"x" must be [N, C, H, W]', "rank 4", formatShape(shape));
}

export function checkSize(height: number, width: number, scope: InferScope): void {
  if (height < 1 || width < 1) {
    throw scope.error("the new size must be positive", "1 or more", formatShape([height, width]));
  }
}

/** Plane c of image n. */
export function planeOf({ type, data }: Tensor, n: number, c: number): Plane {
  const [, channels, height, width] = type.shape as Four;
  return { data, offset: (n * channels + c) * height * width, height, width };
}
