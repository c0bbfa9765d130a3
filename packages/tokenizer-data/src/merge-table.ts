// Which two adjacent symbols merge into which piece, and in what order: the data of BPE as integers.
// A symbol is an id of the vocabulary. Open addressing over rows of 4 int32: [left, right, merged, unused].

import { FIRST_TEXT_ID, type Vocabulary } from "./vocabulary.js";

/** Result of `MergeTable.lookup` when two symbols do not merge. */
export const NO_MERGE = -1;

/** All pairs of text pieces whose concatenation is a text piece. */
export class MergeTable {
  /** Order of merging, `[vocabSize]`: the piece with the smallest rank goes first; equal scores have equal ranks. */
  readonly ranks: Uint32Array;
  readonly #rows: Int32Array;
  readonly #mask: number;

  constructor(vocabulary: Vocabulary) {
    this.ranks = ranksOf(vocabulary.scores);
    const pairs = pairsOf(vocabulary.pieces);
    let capacity = 1024;
    while (capacity < pairs.length) capacity *= 2; // pairs holds 3 numbers per pair: a load below 1/3
    this.#mask = capacity - 1;
    this.#rows = new Int32Array(capacity * 4).fill(NO_MERGE);
    for (let i = 0; i < pairs.length; i += 3) {
      const row = this.#find(pairs[i]!, pairs[i + 1]!);
      this.#rows[row] = pairs[i]!;
      this.#rows[row + 1] = pairs[i + 1]!;
      this.#rows[row + 2] = pairs[i + 2]!;
    }
  }

  /** Id of the piece `left` and `right` merge into, or `NO_MERGE`. */
  lookup(left: number, right: number): number {
    return this.#rows[this.#find(left, right) + 2]!;
  }

  // The row of (left, right), or the free row where it belongs.
  #find(left: number, right: number): number {
    const rows = this.#rows;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = slot * 4;
      const found = rows[row]!;
      if (found === NO_MERGE || (found === left && rows[row + 1] === right)) return row;
    }
  }
}

// Triples [left, right, merged] for every way to split a piece in two pieces.
function pairsOf(pieces: readonly string[]): number[] {
  const idOf = new Map<string, number>();
  for (let id = FIRST_TEXT_ID; id < pieces.length; id++) idOf.set(pieces[id]!, id);
  const pairs: number[] = [];
  for (let id = FIRST_TEXT_ID; id < pieces.length; id++) {
    const piece = pieces[id]!;
    for (let split = 1; split < piece.length; split++) {
      const left = idOf.get(piece.slice(0, split));
      if (left === undefined) continue;
      const right = idOf.get(piece.slice(split));
      if (right !== undefined) pairs.push(left, right, id);
    }
  }
  return pairs;
}

function ranksOf(scores: Float32Array): Uint32Array {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const ranks = new Uint32Array(scores.length);
  for (let i = 1; i < order.length; i++) {
    const tied = scores[order[i]!] === scores[order[i - 1]!];
    ranks[order[i]!] = ranks[order[i - 1]!]! + (tied ? 0 : 1);
  }
  return ranks;
}
