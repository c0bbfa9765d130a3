/** How warm the machine says it is: macOS's thermal pressure level, which anybody may ask for; nothing elsewhere. */
import { execFile } from "node:child_process";
import type { ThermalState } from "./events.js";

/** kOSThermalPressureLevel… of macOS's libkern/OSThermalNotification.h, from 0. */
const LEVELS: readonly ThermalState[] = ["nominal", "moderate", "heavy", "trapping", "sleeping"];

const KEY = "com.apple.system.thermalpressurelevel";

/** Asks about every ten seconds, in the background. */
const INTERVAL_MS = 10_000;

export class ThermalWatch {
  #state: ThermalState | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** The last answer; undefined while there is none. */
  get state(): ThermalState | undefined {
    const now = performance.now();
    if (process.platform === "darwin" && now - this.#askedAt > INTERVAL_MS) {
      this.#askedAt = now;
      execFile("/usr/bin/notifyutil", ["-g", KEY], (error, stdout) => {
        this.#state = error ? undefined : thermalStateIn(stdout);
      });
    }
    return this.#state;
  }
}

/** @param answer Such as "com.apple.system.thermalpressurelevel 0". */
export function thermalStateIn(answer: string): ThermalState | undefined {
  const level = /\s(\d+)\s*$/.exec(answer)?.[1];
  return level === undefined ? undefined : LEVELS[Number(level)];
}
