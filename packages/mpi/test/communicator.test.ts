/** Groups of processes under a real mpirun; skipped with the reason where Open MPI is not installed. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MpiError, openMpi } from "../src/index.js";

const peer = fileURLToPath(new URL("support/peer.mjs", import.meta.url));
const missing =
  spawnSync("mpirun", ["--version"]).status === 0
    ? undefined
    : "mpirun (Open MPI) is not installed";
if (missing) console.info(`skipped the tests of real groups: ${missing}`);

function mpirun(processes: number, scenario: string, environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    "mpirun",
    ["--oversubscribe", "-n", String(processes), process.execPath, peer, scenario],
    {
      encoding: "utf8",
      timeout: 50_000,
      env: {
        ...process.env,
        OMPI_ALLOW_RUN_AS_ROOT: "1",
        OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
        ...environment,
      },
    },
  );
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  const outputs = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status, stderr, outputs: outputs.sort((a, b) => Number(a.rank) - Number(b.rank)) };
}

describe.skipIf(missing)("a group", () => {
  it.each([1, 2, 3])("of %i adds up in place, in order, in fp32 and fp64", (size) => {
    const { status, outputs, stderr } = mpirun(size, "sum");
    expect(status, stderr).toBe(0);
    const ranks = (size * (size - 1)) / 2;
    for (const [rank, output] of outputs.entries()) {
      expect(output).toMatchObject({
        rank,
        size,
        last: size * 100_002 + ranks,
        exact: [size * 2 ** 40 + ranks, size / 2],
        closed: expect.stringContaining("got one that was closed"),
        library: expect.stringMatching(/^Open MPI v/),
      });
    }
    expect(outputs).toHaveLength(size);
  });

  it("shares what its first process has", () => {
    const { status, outputs, stderr } = mpirun(3, "shares");
    expect(status, stderr).toBe(0);
    expect(outputs).toEqual(
      [0, 1, 2].map((rank) => ({ rank, last: 1_000_002 % 256, whole: true })),
    );
  });

  it("need not be waited for: a process can give up and end", () => {
    const { status, outputs } = mpirun(2, "gives up");
    expect(status).toBe(4);
    expect(outputs).toEqual([{ rank: 0, error: expect.stringContaining("abandoned") }]);
  });

  it("ends as a whole when one process dies", () => {
    const { status, outputs } = mpirun(2, "dies");
    expect(status).not.toBe(0);
    expect(outputs).toEqual([]);
  });

  it("cannot be closed while it works", () => {
    const { status, outputs } = mpirun(2, "closes early");
    expect(status).toBe(0);
    expect(
      outputs.filter(({ error }) =>
        String(error).includes("no collective call may be running, got 2"),
      ),
    ).toHaveLength(2);
  });

  it("names what was tried where there is no library", () => {
    const { status, stderr } = mpirun(1, "sum", { ANE_MPI_LIBRARY: "/nowhere/libmpi.so" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("Open MPI 4 or 5 must be installed");
    expect(stderr).toContain("/nowhere/libmpi.so");
  });

  it("refuses a library that is not Open MPI", () => {
    const { stderr } = mpirun(1, "sum", { ANE_MPI_LIBRARY: "libdl.so.2" });
    expect(stderr).toContain("the MPI library has no ompi_mpi_comm_world");
  });
});

it("is refused outside of mpirun", () => {
  expect(() => openMpi()).toThrow(MpiError);
  expect(() => openMpi()).toThrow("Run `mpirun -n 2 COMMAND`");
});
