/** Asks a run for something while it works: the caller's end of it, and the list of what the run has not served yet. */
import { randomUUID } from "node:crypto";
import type { RunAction } from "./run-action.js";

/** One thing asked for, once. */
export interface RunRequest {
  readonly id: string;
  readonly action: RunAction;
}

type Receive = (request: RunRequest) => void;

/**
 * For the caller of `train`: each request is served at the end of a micro-step, and told as a `request` event. Losses are the
 * same whatever is asked for. One control serves one run at a time.
 */
export class RunControl {
  #waiting: RunRequest[] = [];
  #receive: Receive | undefined;

  /** @returns The id that the `request` event will have. */
  request(action: RunAction): string {
    const request = { id: randomUUID(), action };
    if (this.#receive) this.#receive(request);
    else this.#waiting.push(request);
    return request.id;
  }

  /** @internal The run takes all requests, those made before it included. */
  connect(receive: Receive): void {
    this.#receive = receive;
    for (const request of this.#waiting.splice(0)) receive(request);
  }

  /** @internal */
  disconnect(): void {
    this.#receive = undefined;
  }
}

/**
 * Requests in order, until they are served. Whoever works on the run subscribes and is told of all that are open: one that its
 * predecessor did not come to is not lost, and one that it served is not served again.
 */
export class OpenRequests {
  readonly #open = new Map<string, RunRequest>();
  #receive: Receive | undefined;

  add(request: RunRequest): void {
    this.#open.set(request.id, request);
    this.#receive?.(request);
  }

  served(id: string): void {
    this.#open.delete(id);
  }

  /** The subscriber before hears no more. */
  subscribe(receive: Receive): void {
    this.#receive = receive;
    for (const request of this.#open.values()) receive(request);
  }
}
