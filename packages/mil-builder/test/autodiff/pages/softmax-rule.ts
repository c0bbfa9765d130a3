import type { VjpRule } from "@ane/mil-builder/autodiff";

export const softmax: VjpRule = ({ f, wants, number, output: y, compactCotangent: d }) => {
  if (!wants("x")) return {};
  const sum = f.reduce_sum({ x: f.mul({ x: d, y }), axes: [number("axis")], keep_dims: true });
  return { x: f.mul({ x: y, y: f.sub({ x: d, y: sum }) }) };
};
