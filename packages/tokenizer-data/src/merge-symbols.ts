// BPE proper: merge the adjacent pair of best rank, leftmost on ties, until none merges. Two implementations of the same
// function: a scan (quadratic, fastest for words) and a heap (n log n, for long text without a space).

import { type MergeTable, NO_MERGE } from "./merge-table.js";

/** Longest run of symbols for which scanning beats the heap. */
export const SCAN_LIMIT = 48;

/** Merges `symbols[0..count)` in place; returns the new count. */
export function mergeSymbols(symbols: Int32Array, count: number, table: MergeTable): number {
  return count <= SCAN_LIMIT
    ? mergeByScan(symbols, count, table)
    : mergeByHeap(symbols, count, table);
}

/** `mergeSymbols` by looking at every pair for every merge. */
export function mergeByScan(symbols: Int32Array, count: number, table: MergeTable): number {
  const { ranks } = table;
  // merged[i] is what symbols i and i + 1 merge into.
  const merged: number[] = [];
  for (let i = 0; i + 1 < count; i++) merged.push(table.lookup(symbols[i]!, symbols[i + 1]!));
  for (;;) {
    let best = -1;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let i = 0; i < merged.length; i++) {
      const id = merged[i]!;
      if (id !== NO_MERGE && ranks[id]! < bestRank) {
        bestRank = ranks[id]!;
        best = i;
      }
    }
    if (best < 0) return merged.length + 1;
    symbols[best] = merged[best]!;
    symbols.copyWithin(best + 1, best + 2, merged.length + 1);
    for (let i = best; i + 1 < merged.length; i++) merged[i] = merged[i + 1]!;
    merged.pop();
    if (best > 0) merged[best - 1] = table.lookup(symbols[best - 1]!, symbols[best]!);
    if (best < merged.length) merged[best] = table.lookup(symbols[best]!, symbols[best + 1]!);
  }
}

// A heap entry is one number, rank · POSITIONS + position, so that numeric order is merge order.
const POSITIONS = 2 ** 32;

/** `mergeSymbols` with a linked list of symbols and a heap of candidate merges. */
export function mergeByHeap(symbols: Int32Array, count: number, table: MergeTable): number {
  const { ranks } = table;
  const next = new Int32Array(count);
  const previous = new Int32Array(count);
  // merged[i] is what symbol i and its successor merge into. An entry of the heap whose rank is no longer that of
  // merged[position] is stale.
  const merged = new Int32Array(count).fill(NO_MERGE);
  const heap: number[] = [];
  const consider = (left: number): void => {
    const right = next[left]!;
    const id = right < count ? table.lookup(symbols[left]!, symbols[right]!) : NO_MERGE;
    merged[left] = id;
    if (id !== NO_MERGE) pushHeap(heap, ranks[id]! * POSITIONS + left);
  };
  for (let i = 0; i < count; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i < count; i++) consider(i);

  while (heap.length > 0) {
    const entry = popHeap(heap);
    const left = entry % POSITIONS;
    const id = merged[left]!;
    if (id === NO_MERGE || ranks[id] !== Math.floor(entry / POSITIONS)) continue;
    const right = next[left]!;
    symbols[left] = id;
    merged[right] = NO_MERGE;
    next[left] = next[right]!;
    if (next[left]! < count) previous[next[left]!] = left;
    consider(left);
    if (previous[left]! >= 0) consider(previous[left]!);
  }

  let length = 0;
  for (let i = 0; i < count; i = next[i]!) symbols[length++] = symbols[i]!;
  return length;
}

function pushHeap(heap: number[], value: number): void {
  let index = heap.length;
  heap.push(value);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = value;
}

function popHeap(heap: number[]): number {
  const top = heap[0]!;
  const value = heap.pop()!;
  const length = heap.length;
  if (length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = value;
  return top;
}
