/** A file system of a few kilobytes over a folder (Linux, as root). It goes with the test that asked for it. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { onTestFinished } from "vitest";

export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param path A folder, made if need be. @returns Nothing where this process may not mount. */
  static mount(path: string, kilobytes: number): SmallDisk | undefined {
    mkdirSync(path, { recursive: true });
    if (!mount("-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path)) return undefined;
    // Lazily: whatever a failed test still holds open.
    onTestFinished(() => void spawnSync("umount", ["-l", path]));
    return new SmallDisk(path);
  }

  /** @param options Such as "size=100k" or "ro". */
  remount(options: string): void {
    if (!mount("-o", `remount,${options}`, this.path)) throw new Error(`remount,${options}`);
  }
}

export const CANNOT_MOUNT = "needs the right to mount a small file system";

function mount(...args: string[]): boolean {
  return spawnSync("mount", args).status === 0;
}
