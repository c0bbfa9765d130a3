/** Notices the death of a rank on this machine within a moment; those on other machines are the launcher's to notice. */
import { hostname } from "node:os";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process-identity.js";

/** Shorter than the second between the launcher's SIGTERM and its SIGKILL. */
const INTERVAL_MS = 200;

/** The process of a rank that the launcher started. */
export interface PeerProcess extends ProcessIdentity {
  readonly host: string;
}

export function ownProcess(): PeerProcess {
  return { ...ownIdentity(), host: hostname() };
}

/** Calls `onDeath` once with the rank of a process that has ended. Does not keep this process alive. */
export class PeerWatch implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(peers: readonly PeerProcess[], onDeath: (rank: number) => void) {
    const here = hostname();
    this.#timer = setInterval(() => {
      const dead = peers.findIndex((peer) => peer.host === here && !isAlive(peer));
      if (dead < 0) return;
      this[Symbol.dispose]();
      onDeath(dead);
    }, INTERVAL_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
