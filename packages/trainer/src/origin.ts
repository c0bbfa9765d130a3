/** On what machine and from which sources a run works: for its record, nothing depends on it. */
import { execFile } from "node:child_process";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";

export interface Origin {
  /** Such as "Apple M4, 10 cores, 16 GB, Darwin 24.4.0 arm64, Node 22.11.0". */
  readonly machine: string;
  /** Git's name of the commit that the working folder stood at, with "-dirty" where files differed; missing outside of a repository. */
  readonly commit?: string;
}

const PATIENCE_MS = 5000;

/** @param directory The working folder. */
export async function findOrigin(directory: string): Promise<Origin> {
  const commit = await commitOf(directory);
  return { machine: machine(), ...(commit !== undefined && { commit }) };
}

function machine(): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const cores = `${availableParallelism()} cores`;
  return `${processor}, ${cores}, ${memory}, ${type()} ${release()} ${arch()}, Node ${process.versions.node}`;
}

function commitOf(directory: string): Promise<string | undefined> {
  // Without locks: nothing that another git does at the same time may fail because of this.
  const args = [
    "--no-optional-locks",
    "describe",
    "--always",
    "--dirty",
    "--abbrev=12",
    "--exclude=*",
  ];
  return new Promise((resolve) => {
    execFile("git", args, { cwd: directory, timeout: PATIENCE_MS }, (error, stdout) =>
      resolve(error ? undefined : stdout.trim()),
    );
  });
}
