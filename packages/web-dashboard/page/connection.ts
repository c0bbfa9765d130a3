/** The stream of server-sent events, kept open: through restarts of trainer and server, until other runs are wanted. */
import type { RunSummary } from "@ane/run-records";
import type { Hello, RunFrame, RunProblem } from "../src/wire.js";

export type ConnectionState = "connecting" | "live" | "lost";

export interface ConnectionEvents {
  readonly state: (state: ConnectionState) => void;
  readonly hello: (hello: Hello) => void;
  readonly runs: (runs: readonly RunSummary[]) => void;
  readonly frame: (frame: RunFrame) => void;
  readonly problem: (problem: RunProblem) => void;
}

const RETRY_MS = 2000;

/** The token of the page's own address goes with every request. */
export function apiAddress(
  path: string,
  runs: readonly string[],
  others: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams([
    ...runs.map((run) => ["run", run]),
    ...Object.entries(others),
  ]);
  const token = new URLSearchParams(location.search).get("token");
  if (token !== null) query.set("token", token);
  return `/api/${path}?${query}`;
}

export class Connection {
  readonly #events: ConnectionEvents;
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Anew: whole frames come first. */
  open(runs: readonly string[]): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#events.state("connecting");
    const source = new EventSource(apiAddress("stream", runs));
    this.#source = source;
    const hear = <T>(name: string, tell: (data: T) => void) =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) =>
        tell(JSON.parse(data) as T),
      );
    source.onopen = () => this.#events.state("live");
    // The browser tries again by itself, and says where it was, unless the server answered with an error.
    source.onerror = () => {
      this.#events.state("lost");
      if (source.readyState === EventSource.CLOSED)
        this.#retry = setTimeout(() => this.open(runs), RETRY_MS);
    };
    hear("hello", this.#events.hello);
    hear("runs", this.#events.runs);
    hear("frame", this.#events.frame);
    hear("problem", this.#events.problem);
  }
}
