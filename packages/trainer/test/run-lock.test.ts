import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { RunLockedError } from "../src/errors.js";
import { RunLock } from "../src/run-lock.js";
import { temporaryFolder } from "./support/temporary-folder.js";

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), "lock");
});

function leaveLock(pid: number, { host = hostname(), start = "" } = {}): void {
  const since = "2026-01-01T00:00:00.000Z";
  writeFileSync(path, JSON.stringify({ pid, host, since, ...(start && { start }) }));
}

describe("run lock", () => {
  it("is held by one and free again after dispose", () => {
    const lock = RunLock.acquire(path);
    expect(() => RunLock.acquire(path)).toThrow(RunLockedError);
    expect(() => RunLock.acquire(path)).toThrow(`process ${process.pid}`);
    lock.dispose();
    expect(existsSync(path)).toBe(false);
    RunLock.acquire(path).dispose();
  });

  it("is refused while another process lives", () => {
    leaveLock(process.ppid);
    expect(() => RunLock.acquire(path)).toThrow(`process ${process.ppid}`);
  });

  it("is taken over from a process that has ended", () => {
    leaveLock(spawnSync(process.execPath, ["-e", ""]).pid);
    const lock = RunLock.acquire(path);
    expect(JSON.parse(readFileSync(path, "utf8")).pid).toBe(process.pid);
    lock.dispose();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it.runIf(process.platform === "linux")("is taken over from a zombie", () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
    leaveLock(child.pid!);
    expect(() => RunLock.acquire(path)).toThrow(RunLockedError);
    child.kill("SIGKILL");
    // Nothing here gives the event loop the chance to look after the child.
    const stateOf = () => readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.[0];
    while (stateOf() !== "Z");
    RunLock.acquire(path).dispose();
  });

  it("is taken over from an earlier process with this process's id", () => {
    leaveLock(process.pid);
    RunLock.acquire(path).dispose();
  });

  it("is refused where the owner is on another machine and cannot be asked", () => {
    leaveLock(1, { host: "elsewhere" });
    expect(() => RunLock.acquire(path)).toThrow("on elsewhere");
  });

  it.runIf(process.platform === "linux")(
    "is taken over where its id is another process's now",
    () => {
      leaveLock(process.ppid, { start: "another boot/12345" });
      RunLock.acquire(path).dispose();
    },
  );

  it.each(["", "12", "null", "{}"])("is taken over where it has no owner: '%s'", (content) => {
    writeFileSync(path, content); // as a failing machine may leave it
    const lock = RunLock.acquire(path);
    expect(JSON.parse(readFileSync(path, "utf8")).pid).toBe(process.pid);
    lock.dispose();
  });

  it("that another process has taken by now is left alone", () => {
    const lock = RunLock.acquire(path);
    leaveLock(process.ppid); // somebody removed ours by hand
    lock.dispose();
    expect(JSON.parse(readFileSync(path, "utf8")).pid).toBe(process.ppid);
  });

  it("removes what processes left that were killed while they took it", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    for (const name of [`lock.${pid}`, `lock.${pid}.stale`, `lock.${process.ppid}`, "lock.md"]) {
      writeFileSync(join(dirname(path), name), "");
    }
    RunLock.acquire(path).dispose();
    expect(readdirSync(dirname(path)).sort()).toEqual([`lock.${process.ppid}`, "lock.md"]);
  });
});
