/** Embedding lookup of tokens [S] in a table [V, D], and the scatter that is its backward pass. */
import { checkArray, checkInteger } from "./argument-error.js";
import { checkApart } from "./checks.js";
import { isChannelFirst, type Layout } from "./layout.js";
import { nativeBinding } from "./native.js";
import { checkedTokens, type TokenArray } from "./tokens.js";

type EmbeddingArguments = [
  table: Float32Array,
  tokens: Uint32Array,
  matrix: Float32Array,
  dim: number,
  channelFirst: boolean,
];

const native = nativeBinding<{
  embeddingGather(...args: EmbeddingArguments): void;
  embeddingScatterAdd(...args: [...EmbeddingArguments, accumulate: boolean]): void;
}>();

interface EmbeddingShape {
  /** [rows], each below `classes`. */
  readonly tokens: TokenArray;
  /** D; at least 1. */
  readonly dim: number;
  /** V, the rows of the table. Default: the table's length / dim. */
  readonly classes?: number;
  readonly layout: Layout;
}

export interface EmbeddingGatherOptions extends EmbeddingShape {
  /** fp32 [classes, dim] */
  readonly table: Float32Array;
  /** fp32 [dim, rows] if channel-first, [rows, dim] if token-major. */
  readonly out: Float32Array;
}

export interface EmbeddingScatterAddOptions extends EmbeddingShape {
  /** Gradient of the table, fp32 [classes, dim]. */
  readonly dTable: Float32Array;
  /** Gradient of the looked-up rows: fp32 [dim, rows] if channel-first, [rows, dim] if token-major. */
  readonly dx: Float32Array;
  /** False: the rows of the tokens are zeroed first, the others stay. Default true. */
  readonly accumulate?: boolean;
}

/** Row r of out = the table's row `tokens[r]`. @throws ArgumentError */
export function embeddingGather(options: EmbeddingGatherOptions): void {
  const { table, out, dim } = options;
  const { ids, channelFirst } = checked("embeddingGather", { table }, { out }, options);
  native.embeddingGather(table, ids, out, dim, channelFirst);
}

/**
 * The table's row `tokens[r]` += row r of dx. Gradients of a repeated token are added in row order, whatever the number
 * of threads.
 *
 * @throws ArgumentError
 */
export function embeddingScatterAdd(options: EmbeddingScatterAddOptions): void {
  const { dTable, dx, dim, accumulate = true } = options;
  const { ids, channelFirst } = checked("embeddingScatterAdd", { dTable }, { dx }, options);
  native.embeddingScatterAdd(dTable, ids, dx, dim, channelFirst, accumulate);
}

function checked(
  where: string,
  tableByName: Record<string, Float32Array>,
  matrixByName: Record<string, Float32Array>,
  { tokens, dim, layout, ...shape }: EmbeddingShape,
): { ids: Uint32Array; channelFirst: boolean } {
  const [tableName, table] = Object.entries(tableByName)[0]!;
  const [matrixName, matrix] = Object.entries(matrixByName)[0]!;
  checkInteger(dim, `${where}.dim`, 1);
  checkArray(table, Float32Array, `${where}.${tableName}`);
  const classes = shape.classes ?? Math.floor(table.length / dim);
  checkInteger(classes, `${where}.classes`);
  checkArray(table, Float32Array, `${where}.${tableName}`, classes * dim);
  const ids = checkedTokens(tokens, classes, `${where}.tokens`);
  checkArray(matrix, Float32Array, `${where}.${matrixName}`, ids.length * dim);
  checkApart(matrix, table, `${where}.${matrixName}`, tableName);
  checkApart(matrix, ids, `${where}.${matrixName}`, "tokens");
  checkApart(table, ids, `${where}.${tableName}`, "tokens");
  return { ids, channelFirst: isChannelFirst(layout, where) };
}
