/** One run as it goes on: its record is followed once, whatever number of pages look at it. */
import {
  followRun,
  initialRunState,
  RunRecordsError,
  type RunState,
  readConfig,
  reduceRun,
} from "@ane/run-records";

export class RunFeed {
  readonly directory: string;
  /** Undefined until all that there was has been read. */
  state: RunState | undefined;
  /** Why the record cannot be read; following has ended. */
  problem: string | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();

  constructor(directory: string) {
    this.directory = directory;
    void this.#followUntilClosed();
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns What ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop.abort();
    this.#listeners.clear();
  }

  async #followUntilClosed(): Promise<void> {
    while (!this.#stop.signal.aborted && this.problem === undefined) {
      try {
        await this.#follow();
      } catch (error) {
        if (error instanceof RunRecordsError && error.code === "ERR_RECORD_REPLACED") continue;
        this.problem = error instanceof Error ? error.message : String(error);
        this.#tell();
      }
    }
  }

  async #follow(): Promise<void> {
    let state = initialRunState(readConfig(this.directory));
    let isRead = false;
    const { signal } = this.#stop;
    for await (const { events, live } of followRun(this.directory, { signal })) {
      state = events.reduce(reduceRun, state);
      isRead ||= live;
      if (!isRead) continue;
      this.state = state;
      this.#tell();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
