/** What a lone rank is told, and the exit status of one that has lost another. */
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { PeerError } from "@ane/trainer";
import { expect, it } from "vitest";
import { failureStatus } from "../src/exit-status.js";
import { describeSingleRank } from "../src/launcher.js";

it("names the launcher, and how to get it where it is missing", () => {
  const folder = mkdtempSync(join(tmpdir(), "ane-cli-"));
  const environment = { PATH: ["/nowhere", folder].join(delimiter) };
  expect(describeSingleRank(environment)).toContain("mpirun is not on the PATH: install Open MPI");
  writeFileSync(join(folder, "mpirun"), "#!/bin/sh\n");
  chmodSync(join(folder, "mpirun"), 0o755);
  expect(describeSingleRank(environment)).toBe(
    "distributed: one rank, as no others were launched. Start several with: mpirun -n N ane train …",
  );
});

it("tells a lost rank from other failures", () => {
  expect(failureStatus(new PeerError("ranks: lost"))).toBe(75);
  expect(failureStatus(new Error("anything"))).toBe(1);
});
