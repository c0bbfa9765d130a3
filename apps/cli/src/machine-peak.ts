/** The peak of this machine's devices as `ane bench` measured it last, which other commands hold what they achieve against. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { dirname, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;
/** 10^12 operations per second in fp16, by machine and device. */
type Peaks = Record<string, number>;

/** @param device Its own description. */
export function storePeak(environment: Environment, device: string, tflops: number): void {
  const path = peaksPath(environment);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const peaks: Peaks = { ...readPeaks(path), [keyOf(device)]: tflops };
    writeFileSync(path, `${JSON.stringify(peaks, null, 2)}\n`);
  } catch (error) {
    // A home that cannot be written to: it is not remembered, then.
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}

/** Undefined where it has not been measured. */
export function knownPeak(environment: Environment, device: string): number | undefined {
  return readPeaks(peaksPath(environment))[keyOf(device)];
}

function peaksPath({ XDG_CACHE_HOME }: Environment): string {
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ane", "peaks.json");
}

/** Without why the device was chosen, which comes after a semicolon. */
function keyOf(device: string): string {
  return `${hostname()}: ${device.split(";")[0]!}`;
}

function readPeaks(path: string): Peaks {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Peaks;
  } catch {
    return {};
  }
}
