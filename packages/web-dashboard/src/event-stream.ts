/** One page's stream of server-sent events: what is new of the runs it shows, and the list of runs when that changes. */
import type { ServerResponse } from "node:http";
import type { RunState } from "@ane/run-records";
import { formatMarks } from "./marks.js";
import type { RunCatalog } from "./run-catalog.js";
import type { PeakOf } from "./run-facts.js";
import type { RunFeed } from "./run-feed.js";
import { type Mark, markOf, runFrame } from "./run-frame.js";
import type { Hello, RunProblem } from "./wire.js";

/** Between two frames of a run: pages draw at most so often. */
const FRAME_MS = 250;
const LIST_MS = 2000;

export interface StreamRequest {
  readonly hello: Hello;
  /** Runs to send, by their ids. */
  readonly runs: readonly string[];
  /** How far the page says that it is. */
  readonly marks: ReadonlyMap<string, Mark>;
  readonly peakOf: PeakOf;
}

interface Watched {
  readonly id: string;
  readonly feed: RunFeed;
  isNew: boolean;
  before?: RunState;
}

/** Writes to the response until it is closed. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #catalog: RunCatalog;
  readonly #marks: Map<string, Mark>;
  readonly #peakOf: PeakOf;
  readonly #watched: Watched[];
  readonly #unsubscribe: (() => void)[];
  readonly #timers: NodeJS.Timeout[];
  #list = "";

  constructor(
    response: ServerResponse,
    catalog: RunCatalog,
    { hello, runs, marks, peakOf }: StreamRequest,
  ) {
    this.#response = response;
    this.#catalog = catalog;
    this.#marks = new Map(marks);
    this.#peakOf = peakOf;
    response.write("retry: 1000\n\n");
    this.#send("hello", hello);
    this.#watched = runs.flatMap((id) => {
      const feed = catalog.feed(id);
      if (feed) return [{ id, feed, isNew: true }];
      this.#send("problem", {
        run: id,
        message: "There is no run of this name.",
      } satisfies RunProblem);
      return [];
    });
    this.#unsubscribe = this.#watched.map((watched) =>
      watched.feed.subscribe(() => {
        watched.isNew = true;
      }),
    );
    this.#timers = [
      setInterval(() => this.#sendFrames(), FRAME_MS),
      setInterval(() => this.#sendList(), LIST_MS),
    ];
    response.on("close", () => this.#end());
    this.#sendFrames();
    this.#sendList();
  }

  #end(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** A page that does not keep up gets its news in fewer, larger pieces: nothing is sent while the last has not left. */
  #sendFrames(): void {
    if (this.#response.writableNeedDrain) return;
    for (const watched of this.#watched) {
      if (!watched.isNew) continue;
      const { id, feed } = watched;
      const { state, problem } = feed;
      if (problem !== undefined) {
        this.#send("problem", { run: id, message: problem } satisfies RunProblem);
      } else if (state) {
        const run = { id, directory: feed.directory, peakOf: this.#peakOf };
        const frame = runFrame(run, state, watched.before, this.#marks.get(id));
        watched.before = state;
        this.#marks.set(id, markOf(state));
        this.#send("frame", frame, formatMarks(this.#marks));
      } else continue;
      watched.isNew = false;
    }
  }

  #sendList(): void {
    const list = JSON.stringify(this.#catalog.list());
    // A comment instead tells a vanished page from a silent one.
    this.#response.write(
      list === this.#list ? ": still here\n\n" : `event: runs\ndata: ${list}\n\n`,
    );
    this.#list = list;
  }

  #send(event: string, data: unknown, id?: string): void {
    this.#response.write(
      `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
    );
  }
}
