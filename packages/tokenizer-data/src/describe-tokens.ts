// Facts about a sequence of token ids, for people who look at a data set.

import { BOS_ID } from "./vocabulary.js";

/** What `describeTokens` counts. */
export interface TokenStatistics {
  readonly count: number;
  /** Number of different ids. */
  readonly distinct: number;
  /** Largest id; -1 without tokens. */
  readonly maxId: number;
  /** Number of BOS ids. */
  readonly documents: number;
}

/** Counts tokens, different ids and documents in one pass. */
export function describeTokens(tokens: Uint16Array | Uint32Array): TokenStatistics {
  const seen = new Set<number>();
  let maxId = -1;
  let documents = 0;
  for (const id of tokens) {
    seen.add(id);
    if (id > maxId) maxId = id;
    if (id === BOS_ID) documents++;
  }
  return { count: tokens.length, distinct: seen.size, maxId, documents };
}
