/** What one process of a run takes of the machine. */
import { readFileSync } from "node:fs";

export interface ProcessUsage {
  readonly pid: number;
  /** Bytes of memory that are its own. */
  readonly privateBytes: number;
  /** Bytes of memory that others may have mapped, too; 0 where the system does not tell them apart. */
  readonly sharedBytes: number;
  /** Processors' time since it began, milliseconds. */
  readonly cpuMs: number;
}

/** Of this process. */
export function ownUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const sharedBytes = residentShared();
  const privateBytes = process.memoryUsage.rss() - sharedBytes;
  return { pid: process.pid, privateBytes, sharedBytes, cpuMs: (user + system) / 1000 };
}

/** Linux: pages of shared memory; the state of a run is such. */
function residentShared(): number {
  if (process.platform !== "linux") return 0;
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/^RssShmem:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
