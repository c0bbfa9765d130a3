/** Runs a program under a real mpirun; tests that need it are skipped, with the reason, where there is none. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export const mpirunMissing =
  spawnSync("mpirun", ["--version"]).status === 0
    ? undefined
    : "mpirun (Open MPI) is not installed";
if (mpirunMissing) console.info(`skipped the tests of several ranks: ${mpirunMissing}`);

export interface Launch {
  readonly child: ChildProcess;
  /** When all ranks have ended: the launcher's exit status, and what was written. */
  readonly ended: Promise<{ status: number | null; stdout: string[]; stderr: string }>;
}

/**
 * @param onLine Called with each line of standard output as it comes.
 * @param env Variables of the ranks, beside this process's.
 */
export function mpirun(
  ranks: readonly (readonly string[])[],
  onLine: (line: string, launch: ChildProcess) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Launch {
  const programs = ranks.flatMap((args, i) => [
    ...(i === 0 ? [] : [":"]),
    "-n",
    "1",
    process.execPath,
    ...args,
  ]);
  const child = spawn("mpirun", ["--oversubscribe", ...programs], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...env,
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    },
  });
  const stdout: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    stdout.push(line);
    onLine(line, child);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; stdout: string[]; stderr: string }>(
    (resolve) => {
      child.on("close", (status) => resolve({ status, stdout, stderr }));
    },
  );
  return { child, ended };
}
