/**
 * This process as one rank of a run. It is lost when another rank has ended: nothing can be added up any more then, and what is
 * left to do is to save the last complete update.
 */
import { type Communicator, openMpi, underMpirun } from "@ane/mpi";
import { OptionError, PeerError } from "../errors.js";
import { gatherTexts } from "./gather-texts.js";
import { ownProcess, type PeerProcess, PeerWatch } from "./peer-watch.js";
import type { Place } from "./peers.js";

export class Rank implements Disposable {
  readonly group: Communicator;
  readonly #watch: PeerWatch;
  readonly #lost = new AbortController();

  /** Joins the other ranks of this mpirun; nobody where mpirun did not start this process. @throws MpiError, OptionError */
  static async join(distributed: unknown): Promise<Rank | undefined> {
    if (distributed !== undefined && distributed !== "mpi") {
      throw new OptionError(
        "distributed",
        `must be mpi, got ${String(distributed)}. Leave it out to train in one process.`,
      );
    }
    if (distributed === undefined || !underMpirun()) return undefined;
    const group = openMpi();
    const texts = await gatherTexts(group, JSON.stringify(ownProcess()));
    return new Rank(
      group,
      texts.map((text) => JSON.parse(text) as PeerProcess),
    );
  }

  private constructor(group: Communicator, peers: readonly PeerProcess[]) {
    this.group = group;
    this.#watch = new PeerWatch(peers, (rank) => {
      const { pid, host } = peers[rank]!;
      this.lose(`rank ${rank} (process ${pid} on ${host}) has ended`);
    });
  }

  get place(): Place {
    return { rank: this.group.rank, size: this.group.size };
  }

  /** Aborted with a PeerError when a rank has ended. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** @param actual Reads after "got". */
  lose(actual: string): void {
    if (this.lost.aborted) return;
    this.#lost.abort(
      new PeerError(
        `ranks: all must work until the run ends, got the news that ${actual}. One of the others saves the last complete update, if that is not saved: ` +
          "resume the run when all have ended.",
      ),
    );
    this.group.abandon();
  }

  /** Ends the run with all others, in good order. */
  async leave(): Promise<void> {
    await this.group.allReduce(new Float64Array(1)); // waits asleep: MPI_Finalize does not
    this.#watch[Symbol.dispose]();
    this.group.close();
  }

  /** Whatever is not left in good order is abandoned: the launcher ends the others. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.group.abandon();
  }
}
