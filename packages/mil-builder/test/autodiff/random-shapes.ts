/** Random shapes, with dims of 1 as often as others, because broadcasting and squeezing turn on them. */
import fc from "fast-check";

export const dim: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3);

/** A shape of rank `least` to `most`. */
export function shapeOf(least: number, most: number): fc.Arbitrary<readonly number[]> {
  return fc.array(dim, { minLength: least, maxLength: most });
}

/** A shape, and one of its rank or less that broadcasts with it; either may be the wider one in each dim. */
export const broadcastPair: fc.Arbitrary<readonly [readonly number[], readonly number[]]> = shapeOf(
  0,
  4,
).chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.nat({ max: shape.length }),
      fc.boolean(),
    )
    .map(([ones, others, dropped, swapped]) => {
      const x = shape.map((extent, axis) => (ones[axis] ? 1 : extent));
      const y = shape.map((extent, axis) => (others[axis] ? 1 : extent)).slice(dropped);
      return swapped ? ([y, x] as const) : ([x, y] as const);
    }),
);

/** A shape and one of its axes, counted from either end. */
export function shapeAndAxis(least: number, most: number) {
  return shapeOf(least, most).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
  );
}

/** A shape and some distinct axes of it (undefined: all), each counted from either end. */
export function shapeAndAxes(least: number, most: number) {
  return shapeOf(least, most).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.option(axesOf(shape.length), { nil: undefined })),
  );
}

/** A scalar has no axes to name. */
function axesOf(rank: number): fc.Arbitrary<readonly number[] | undefined> {
  if (rank === 0) return fc.constant(undefined);
  const axes = fc.subarray([...Array(rank).keys()], { minLength: 1 });
  return fc
    .tuple(axes, fc.array(fc.boolean(), { minLength: rank, maxLength: rank }))
    .map(([chosen, fromEnd]) => chosen.map((axis) => (fromEnd[axis] ? axis - rank : axis)));
}
