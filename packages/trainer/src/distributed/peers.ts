/**
 * The ranks of a run as its worker sees them. Every rank computes its share of each update's micro-steps; gradients and a few
 * numbers are added up over all of them. All ranks call these in the same order.
 */

/** One rank's place among all. */
export interface Place {
  readonly rank: number;
  readonly size: number;
}

export interface Peers extends Place {
  /**
   * Begins to replace elements [start, end) of the state's gradients by their sums over the ranks: bit for bit the same
   * everywhere. They must not be touched until `settled`.
   */
  addUp(start: number, end: number): void;
  /** Resolves when all sums begun are there. */
  settled(): Promise<void>;
  /** Sums over the ranks; one that is not finite anywhere is NaN. */
  sum(values: readonly number[]): Promise<readonly number[]>;
  /** Everybody's state becomes rank 0's. */
  shareState(): Promise<void>;
}

/** The only rank. */
export const ALONE: Peers = {
  rank: 0,
  size: 1,
  addUp: () => {},
  settled: async () => {},
  sum: async (values) => values,
  shareState: async () => {},
};

/** What a worker asks its supervisor, which holds the connection, to do with the others. Plain data. */
export type CollectiveRequest =
  | { readonly op: "addUp"; readonly start: number; readonly end: number }
  | { readonly op: "sum"; readonly values: readonly number[] }
  | { readonly op: "shareState" };

/** Sums as they come back: JSON has no NaN, but null. Empty where nothing was asked for. */
export type CollectiveAnswer = readonly (number | null)[];

/** Asks the supervisor; answers come in the order of the requests. */
export class SupervisedPeers implements Peers {
  readonly rank: number;
  readonly size: number;
  readonly #ask: (request: CollectiveRequest) => void;
  readonly #waiting: ((answer: CollectiveAnswer) => void)[] = [];
  #sums: Promise<unknown>[] = [];

  constructor({ rank, size }: Place, ask: (request: CollectiveRequest) => void) {
    this.rank = rank;
    this.size = size;
    this.#ask = ask;
  }

  /** The supervisor's reply to the oldest request. */
  answer(answer: CollectiveAnswer): void {
    this.#waiting.shift()?.(answer);
  }

  addUp(start: number, end: number): void {
    this.#sums.push(this.#request({ op: "addUp", start, end }));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#sums);
    this.#sums = [];
  }

  async sum(values: readonly number[]): Promise<readonly number[]> {
    const sums = await this.#request({ op: "sum", values });
    return sums.map((sum) => sum ?? Number.NaN);
  }

  async shareState(): Promise<void> {
    await this.#request({ op: "shareState" });
  }

  #request(request: CollectiveRequest): Promise<CollectiveAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#ask(request);
    });
  }
}
