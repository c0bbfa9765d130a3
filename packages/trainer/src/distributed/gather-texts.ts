/** Every rank's text, on every rank: each writes its bytes into its own row of zeros, and the rows are added up. */
import type { Communicator } from "@ane/mpi";

/** @returns [ranks], this rank's own among them. */
export async function gatherTexts(group: Communicator, own: string): Promise<string[]> {
  const bytes = Buffer.from(own, "utf8");
  const lengths = new Float64Array(group.size);
  lengths[group.rank] = bytes.length;
  await group.allReduce(lengths);
  const width = Math.max(...lengths);
  const rows = new Float64Array(group.size * width);
  rows.set(bytes, group.rank * width);
  await group.allReduce(rows);
  return Array.from(lengths, (length, rank) =>
    Buffer.from(rows.subarray(rank * width, rank * width + length)).toString("utf8"),
  );
}
