/** Where the files of a run lie. */
import { join } from "node:path";

export interface RunPaths {
  /** The resolved options; its presence is what makes a folder a run. */
  readonly config: string;
  readonly checkpoints: string;
  /** One JSON event per line, append-only. */
  readonly events: string;
  /** What kernels worked on when a value was not finite. */
  readonly dumps: string;
  /** What other processes ask of the one that works on the run; there only while they do. */
  readonly requests: string;
  /** Names the process that works on the run. */
  readonly lock: string;
}

export function runPaths(directory: string): RunPaths {
  return {
    config: join(directory, "config.json"),
    checkpoints: join(directory, "checkpoints"),
    events: join(directory, "events.jsonl"),
    dumps: join(directory, "dumps"),
    requests: join(directory, "requests"),
    lock: join(directory, "lock"),
  };
}
