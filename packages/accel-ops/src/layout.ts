/** How a matrix of positions (rows) and channels lies in memory. */
import { check } from "./argument-error.js";

/** "channelFirst": [channels, rows], as on device surfaces; "tokenMajor": [rows, channels]. */
export type Layout = "channelFirst" | "tokenMajor";

/** True for "channelFirst". @throws ArgumentError for anything but the two layouts. */
export function isChannelFirst(layout: Layout, where: string): boolean {
  const known = layout === "channelFirst" || layout === "tokenMajor";
  check(known, `${where}.layout`, 'must be "channelFirst" or "tokenMajor"', layout);
  return layout === "channelFirst";
}
