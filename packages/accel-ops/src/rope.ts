/**
 * Rotary position embedding of interleaved pairs, in place, and its backward pass. Su et al., "RoFormer", 2021, with the
 * pairing of llama2.c: channels (2i, 2i + 1) of each head at position p turn by p·theta^(-2i/headDim).
 */
import { check, checkArray, checkInteger } from "./argument-error.js";
import { checkApart, checkNumber } from "./checks.js";
import { isChannelFirst, type Layout } from "./layout.js";
import { nativeBinding } from "./native.js";
import { checkedTokens, type TokenArray } from "./tokens.js";

const native = nativeBinding<{
  rope(
    x: Float32Array,
    cosine: Float32Array,
    sine: Float32Array,
    tablePositions: number,
    positions: Uint32Array | undefined,
    startPosition: number,
    rows: number,
    heads: number,
    headDim: number,
    direction: number,
    channelFirst: boolean,
  ): void;
}>();

/** One more than the largest position: angles come from a table that is kept as long as the process. */
const positionLimit = 2 ** 20;

export interface RopeOptions {
  /** fp32 [heads·headDim, rows] if channel-first, [rows, heads·headDim] if token-major; changed in place. */
  readonly x: Float32Array;
  readonly rows: number;
  readonly heads: number;
  /** Even. */
  readonly headDim: number;
  /** Base of the angles, 10000 in Llama 2; more than 0. */
  readonly theta: number;
  readonly layout: Layout;
  /** Position of row 0; row r is at startPosition + r. Default 0; positions end at 2^20. */
  readonly startPosition?: number;
  /** One position for each row, instead of startPosition. */
  readonly positions?: TokenArray;
}

/** Turns each pair (a, b) by its angle: `(a·cos − b·sin, a·sin + b·cos)`. @throws ArgumentError */
export function ropeForward(options: RopeOptions): void {
  rotate("ropeForward", options, 1);
}

/** Turns a gradient of ropeForward's output back into the gradient of its input: the opposite angles. @throws ArgumentError */
export function ropeBackward(options: RopeOptions): void {
  rotate("ropeBackward", options, -1);
}

function rotate(where: string, options: RopeOptions, direction: 1 | -1): void {
  const { x, rows, heads, headDim, theta, layout, startPosition = 0 } = options;
  checkInteger(rows, `${where}.rows`);
  checkInteger(heads, `${where}.heads`, 1);
  checkInteger(headDim, `${where}.headDim`, 2);
  check(headDim % 2 === 0, `${where}.headDim`, "must be even", headDim);
  checkNumber(theta, `${where}.theta`, "must be finite and more than 0", (value) => value > 0);
  const channelFirst = isChannelFirst(layout, where);
  checkArray(x, Float32Array, `${where}.x`, rows * heads * headDim);
  let positions: Uint32Array | undefined;
  if (options.positions) {
    const both = options.startPosition !== undefined;
    check(!both, `${where}.positions`, "must not be given with startPosition", "both");
    positions = checkedTokens(options.positions, positionLimit, `${where}.positions`, rows);
    checkApart(x, positions, `${where}.x`, "positions");
  } else {
    checkInteger(startPosition, `${where}.startPosition`, 0, positionLimit - rows);
  }
  const end = positions
    ? positions.reduce((largest, position) => Math.max(largest, position + 1), 0)
    : startPosition + rows;
  const table = angles(theta, headDim, layout, end);
  native.rope(
    x,
    table.cosine,
    table.sine,
    table.positions,
    positions,
    startPosition,
    rows,
    heads,
    headDim,
    direction,
    channelFirst,
  );
}

interface Angles {
  readonly positions: number;
  /** fp32 [headDim / 2, positions] if channel-first, [positions, headDim / 2] if token-major; computed in double. */
  readonly cosine: Float32Array;
  readonly sine: Float32Array;
}

/** Tables by what they depend on; a process works with one or two models. */
const tables = new Map<string, Angles>();

/** The table for positions below `end` at least. It doubles as it grows, so that decoding token by token stays cheap. */
function angles(theta: number, headDim: number, layout: Layout, end: number): Angles {
  const key = `${theta}/${headDim}/${layout}`;
  const known = tables.get(key);
  if (known && known.positions >= end) return known;
  const pairs = headDim / 2;
  const positions = Math.max(end, Math.min(2 * (known?.positions ?? 128), positionLimit));
  const [pairStride, positionStride] = layout === "channelFirst" ? [positions, 1] : [1, pairs];
  const cosine = new Float32Array(positions * pairs);
  const sine = new Float32Array(positions * pairs);
  for (let i = 0; i < pairs; i++) {
    const frequency = theta ** ((-2 * i) / headDim);
    for (let position = 0; position < positions; position++) {
      const at = i * pairStride + position * positionStride;
      cosine[at] = Math.cos(position * frequency);
      sine[at] = Math.sin(position * frequency);
    }
  }
  const table = { positions, cosine, sine };
  tables.set(key, table);
  return table;
}
