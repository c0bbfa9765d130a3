/** All ranks make the same updates of the same parameters: a difference is a fault of a machine or of this program. */
import { createHash } from "node:crypto";
import { StateError } from "../errors.js";
import type { RunState } from "../run-state.js";
import type { Peers } from "./peers.js";

/** Elements hashed by one call, which takes less than 2^31 bytes. */
const PIECE = 2 ** 28;

/** @throws StateError, on one rank at least, if the parameters are not bit for bit the same on all */
export async function expectAlike(peers: Peers, { parameters, step }: RunState): Promise<void> {
  if (peers.size === 1) return;
  const hash = createHash("sha256");
  for (let start = 0; start < parameters.length; start += PIECE) {
    hash.update(parameters.subarray(start, start + PIECE));
  }
  const bits = hash.digest().readUInt32LE();
  // Where not all are equal, one of them is not the mean. Sums of such numbers are exact.
  const [sum] = await peers.sum([bits]);
  if (sum === bits * peers.size) return;
  throw new StateError(
    `ranks: parameters must be bit-equal on all of them, got others on rank ${peers.rank} after micro-step ${step}. ` +
      "Resume from the last checkpoint; if it comes again, test the machines' memory.",
  );
}
