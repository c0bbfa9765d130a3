/** Memory of this process's children while they live, where /proc tells (Linux). */
import { readdirSync, readFileSync } from "node:fs";

const sampleMs = 50;
const KIB = 1024;

/**
 * Watches until `stop` is called.
 * @returns {{ stop(): { processBytes: number, togetherBytes: number } | undefined }} the most that one child held resident at a
 *   time, and the most that all of them did together, memory they share counted once; undefined where it cannot be seen
 */
export function watchChildren() {
  const most = { processBytes: 0, togetherBytes: 0 };
  const timer = setInterval(() => {
    let together = 0;
    for (const pid of childrenOf(process.pid)) {
      const held = kibibytes(`/proc/${pid}/status`, "VmHWM");
      most.processBytes = Math.max(most.processBytes, held * KIB);
      together += kibibytes(`/proc/${pid}/smaps_rollup`, "Pss") * KIB;
    }
    most.togetherBytes = Math.max(most.togetherBytes, together);
  }, sampleMs);
  return {
    stop() {
      clearInterval(timer);
      return most.processBytes > 0 ? most : undefined;
    },
  };
}

function childrenOf(parent) {
  const pids = readFolder("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    return stat !== undefined && Number(stat.split(") ").at(-1).split(" ")[1]) === parent;
  });
}

function kibibytes(path, field) {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(path) ?? "");
  return found === null ? 0 : Number(found[1]);
}

function readFolder(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Undefined for what is not there: processes end while one looks at them. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
