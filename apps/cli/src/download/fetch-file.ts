/**
 * Fetches a file into `<path>.part`, going on where an earlier attempt broke off (HTTP Range), compares its SHA-256 and gives it its
 * name only then.
 */
import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../errors.js";

export interface FetchOptions {
  /** Hexadecimal; undefined: what the server states, if it does. */
  readonly sha256: string | undefined;
  /** Bytes so far and in all, if known. */
  readonly onProgress: (bytes: number, total: number | undefined) => void;
  /** Between attempts. Default 1000. */
  readonly retryMs?: number;
  /** After which a connection that brings nothing is given up. Default 60000. */
  readonly stallMs?: number;
}

export interface Fetched {
  readonly bytes: number;
  readonly sha256: string;
  /** By whom the digest was known before. */
  readonly compared: "catalogue" | "server" | "nobody";
}

/** Attempts in a row that brought nothing new. */
const ATTEMPTS = 4;

/** The answer is final: another attempt would get it again. */
class Refused extends Error {}

/** @throws CommandError if it cannot be had or is not what it should be; the part stays for another attempt */
export async function fetchFile(
  url: string,
  path: string,
  options: FetchOptions,
): Promise<Fetched> {
  const part = `${path}.part`;
  const resumed = existsSync(part);
  const stated = options.sha256 === undefined ? await statedDigest(url) : undefined;
  const wanted = options.sha256 ?? stated;
  await fetchAll(url, part, options);
  let sha256 = await digestOf(part);
  if (wanted !== undefined && sha256 !== wanted && resumed) {
    // The part was of another version.
    rmSync(part);
    await fetchAll(url, part, options);
    sha256 = await digestOf(part);
  }
  if (wanted !== undefined && sha256 !== wanted) {
    rmSync(part);
    throw new CommandError(
      `${url}: the file must have SHA-256 ${wanted}, got ${sha256}. It was changed or damaged on the way: nothing is kept.`,
    );
  }
  renameSync(part, path);
  const compared =
    options.sha256 !== undefined ? "catalogue" : stated !== undefined ? "server" : "nobody";
  return { bytes: statSync(path).size, sha256, compared };
}

async function fetchAll(url: string, part: string, options: FetchOptions): Promise<void> {
  for (let failures = 0; ; ) {
    const before = sizeOf(part);
    try {
      return await fetchRest(url, part, options);
    } catch (cause) {
      if (sizeOf(part) > before) failures = 0;
      if (cause instanceof Refused || ++failures === ATTEMPTS) {
        throw new CommandError(`${url}: ${reasonOf(cause)}.`, { cause });
      }
      await delay(options.retryMs ?? 1000);
    }
  }
}

async function fetchRest(
  url: string,
  part: string,
  { onProgress, stallMs = 60_000 }: FetchOptions,
): Promise<void> {
  const have = sizeOf(part);
  const stalled = new AbortController();
  const watch = setTimeout(
    () => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`)),
    stallMs,
  );
  try {
    await fetchFrom(url, part, have, stalled.signal, (bytes, total) => {
      watch.refresh();
      onProgress(bytes, total);
    });
  } finally {
    clearTimeout(watch);
  }
}

async function fetchFrom(
  url: string,
  part: string,
  have: number,
  signal: AbortSignal,
  onProgress: FetchOptions["onProgress"],
): Promise<void> {
  const headers = have > 0 ? { range: `bytes=${have}-` } : {};
  const response = await fetch(url, { headers, signal });
  if (response.status === 416) {
    // All of it is there, or more than the server has: the digest tells.
    await response.body?.cancel();
    return;
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const message = `the server answered ${response.status} ${response.statusText}`.trim();
    throw response.status >= 500 ? new Error(message) : new Refused(message);
  }
  const start = response.status === 206 ? have : 0;
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  let bytes = start;
  const counted = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]).map(
    (chunk: Uint8Array) => {
      bytes += chunk.length;
      onProgress(bytes, total);
      return chunk;
    },
  );
  await pipeline(counted, createWriteStream(part, { flags: start > 0 ? "a" : "w" }));
  if (total !== undefined && sizeOf(part) < total)
    throw new Error("the connection ended too early");
}

/** Hugging Face states the SHA-256 of large files in the answer that redirects to them. */
async function statedDigest(url: string): Promise<string | undefined> {
  try {
    const { headers } = await fetch(url, { method: "HEAD", redirect: "manual" });
    return /^"?([0-9a-f]{64})"?$/.exec(headers.get("x-linked-etag") ?? "")?.[1];
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** fetch says "fetch failed" and keeps the reason as the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error
    ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})`
    : message;
}
