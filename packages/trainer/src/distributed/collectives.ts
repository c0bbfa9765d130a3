/**
 * What workers of this rank ask for, done with the other ranks on the memory of the state: the supervisor holds the
 * connection, because it outlives its workers. Requests are done in the order in which they come.
 */
import { mapSharedMemory } from "@ane/accel-ops";
import type { Communicator } from "@ane/mpi";
import { messageOf } from "../input-files.js";
import { arenaLayout } from "../model-record.js";
import type { RunConfig } from "../run-config.js";
import { RunState } from "../run-state.js";
import type { CollectiveAnswer, CollectiveRequest } from "./peers.js";
import type { Rank } from "./rank.js";

/** Bytes of one broadcast: MPI counts in C ints. */
const PIECE_BYTES = 2 ** 30;

export class Collectives implements Disposable {
  readonly #rank: Rank;
  readonly #group: Communicator;
  readonly #state: RunState;

  /** @param descriptor Of the state's shared memory. */
  constructor(rank: Rank, descriptor: number, { recipe }: RunConfig) {
    this.#rank = rank;
    this.#group = rank.group;
    this.#state = new RunState(mapSharedMemory(descriptor), arenaLayout(recipe.model).total);
  }

  /** Nothing if that has become impossible: the rank is lost then. */
  async perform(request: CollectiveRequest): Promise<CollectiveAnswer | undefined> {
    try {
      return await this.#perform(request);
    } catch (error) {
      this.#rank.lose(messageOf(error));
      return undefined;
    }
  }

  async #perform(request: CollectiveRequest): Promise<CollectiveAnswer> {
    switch (request.op) {
      case "addUp":
        await this.#group.allReduce(this.#state.gradients.subarray(request.start, request.end));
        return [];
      case "sum": {
        const values = Float64Array.from(request.values, (value) => value ?? Number.NaN);
        await this.#group.allReduce(values);
        return [...values];
      }
      case "shareState":
        await this.#shareState();
        return [];
    }
  }

  /** At the end of an update: the gradients mean nothing then. */
  async #shareState(): Promise<void> {
    const { parameters, firstMoment, secondMoment, counters } = this.#state;
    const counts = Float64Array.of(this.#state.step, this.#state.updates);
    for (const { buffer, byteOffset, byteLength } of [
      counts,
      counters,
      parameters,
      firstMoment,
      secondMoment,
    ]) {
      for (let start = 0; start < byteLength; start += PIECE_BYTES) {
        const length = Math.min(PIECE_BYTES, byteLength - start);
        await this.#group.broadcast(new Uint8Array(buffer, byteOffset + start, length));
      }
    }
    [this.#state.step, this.#state.updates] = [counts[0]!, counts[1]!];
  }

  [Symbol.dispose](): void {
    this.#state[Symbol.dispose]();
  }
}
