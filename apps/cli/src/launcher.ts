/** What to say about a distributed run that has no other ranks. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @param environment Whose PATH is searched for mpirun. */
export function describeSingleRank(environment: NodeJS.ProcessEnv): string {
  const folders = (environment.PATH ?? "").split(delimiter);
  const remedy = folders.some((folder) => isProgram(join(folder, "mpirun")))
    ? "Start several with: mpirun -n N ane train …"
    : "mpirun is not on the PATH: install Open MPI (Debian: openmpi-bin; Homebrew: open-mpi), then: mpirun -n N ane train …";
  return `distributed: one rank, as no others were launched. ${remedy}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
