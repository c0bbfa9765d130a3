/** The server over real connections: addresses, headers, refusals, ports. */
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type DashboardOptions, serveDashboard } from "../src/index.js";
import { runEvent, stepEvents, temporaryFolder, writeRun } from "./support/run-folder.js";

async function serve(options: Partial<DashboardOptions> = {}) {
  const runs = options.runs ?? temporaryFolder();
  const dashboard = await serveDashboard({ port: 0, ...options, runs });
  onTestFinished(() => dashboard.close());
  return { ...dashboard, runs, base: `http://127.0.0.1:${dashboard.port}` };
}

/** The status line of an answer to bytes that no well-behaved client sends. */
async function rawStatus(port: number, target: string, headers = ""): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`);
  let text = "";
  socket.on("data", (piece) => {
    text += piece.toString();
  });
  await once(socket, "close");
  return text.split("\r\n", 1)[0]!;
}

it("serves one page that allows nothing but itself", async () => {
  const { url } = await serve();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const answer = await fetch(url);
  const policy = answer.headers.get("content-security-policy")!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toMatch(/script-src 'sha256-[\w+/=]+';/);
  expect(policy).toMatch(/style-src 'sha256-[\w+/=]+';/);
  expect(policy).not.toContain("unsafe");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  const page = await answer.text();
  expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="(?!data:)/);
  expect(page.length).toBeLessThan(200_000);
});

it("lists runs and compares their configurations", async () => {
  const runs = temporaryFolder();
  const first = writeRun(runs, "first", [runEvent(), ...stepEvents(1, 20)]);
  writeRun(runs, "second run", [runEvent()]);
  const { base } = await serve({ runs });
  const list = (await (await fetch(`${base}/api/runs`)).json()) as { id: string; step: number }[];
  expect(list.map(({ id, step }) => [id, step])).toEqual(
    expect.arrayContaining([
      ["first", 20],
      ["second run", 0],
    ]),
  );
  const table = await (await fetch(`${base}/api/config?run=first&run=second%20run`)).json();
  expect(table).toMatchObject({ runs: ["first", "second run"] });
  expect((table as { rows: unknown[] }).rows).toContainEqual(["lr", ["0.001", "0.001"]]);
  expect(first).toBe(join(runs, "first"));
});

it("finds runs by their names alone, never by a path", async () => {
  const outside = temporaryFolder();
  writeRun(outside, "secret", [runEvent()]);
  const { base } = await serve();
  for (const run of [
    `../${outside.split("/").at(-1)}/secret`,
    join(outside, "secret"),
    "..",
    ".",
    "",
  ]) {
    const query = new URLSearchParams({ run });
    expect(await (await fetch(`${base}/api/config?${query}`)).json()).toEqual({
      runs: [],
      rows: [],
    });
  }
});

it("shows a run that lies elsewhere if it was started for it", async () => {
  const outside = temporaryFolder();
  const run = writeRun(outside, "mine", [runEvent(), ...stepEvents(1, 3)]);
  writeRun(outside, "other", [runEvent()]);
  const { base } = await serve({ run });
  const list = (await (await fetch(`${base}/api/runs`)).json()) as { id: string }[];
  expect(list.map(({ id }) => id)).toEqual(["mine"]);
});

it("refuses what leaves its addresses, other methods, and foreign pages", async () => {
  const { port, base } = await serve();
  expect(await rawStatus(port, "/../../etc/passwd")).toContain("400");
  expect(await rawStatus(port, "/%2e%2e/etc/passwd")).toContain("400");
  expect(await rawStatus(port, "http://evil.example/api/runs")).toContain("400");
  expect(await rawStatus(port, "/generated/page.html")).toContain("404");
  expect(await rawStatus(port, "/api/runs", "Origin: http://evil.example\r\n")).toContain("403");
  expect((await fetch(`${base}/api/runs`, { method: "POST" })).status).toBe(405);
  expect(
    (await fetch(`${base}/api/runs`, { headers: { "Sec-Fetch-Site": "cross-site" } })).status,
  ).toBe(403);
  expect((await fetch(base, { method: "HEAD" })).status).toBe(200);
});

it("refuses a name that was made to point here", async () => {
  const { port } = await serve();
  const socket = connect(port, "127.0.0.1");
  socket.end("GET /api/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toContain("421");
});

it("asks for a random token where other machines can reach it", async () => {
  const { url, base } = await serve({ host: "0.0.0.0" });
  const token = new URL(url).searchParams.get("token")!;
  expect(token).toMatch(/^[\w-]{22}$/);
  expect((await fetch(base)).status).toBe(401);
  expect((await fetch(`${base}/?token=${token}`)).status).toBe(200);
  expect((await fetch(`${base}/api/runs`)).status).toBe(401);
  expect((await fetch(`${base}/api/runs?token=${token}`)).status).toBe(200);
  const { url: other } = await serve({ host: "0.0.0.0" });
  expect(new URL(other).searchParams.get("token")).not.toBe(token);
});

it("says which port or interface it cannot have", async () => {
  const { port } = await serve();
  await expect(serve({ port })).rejects.toMatchObject({
    code: "ERR_DASHBOARD_PORT",
    message: expect.stringContaining(`got ${port}`),
  });
  await expect(serve({ port: 70_000 })).rejects.toMatchObject({ code: "ERR_DASHBOARD_PORT" });
  await expect(serve({ host: "192.0.2.77" })).rejects.toMatchObject({ code: "ERR_DASHBOARD_HOST" });
});

it("refuses what is not a run, or not a folder of runs", async () => {
  const file = join(writeRun(temporaryFolder(), "a", []), "config.json");
  await expect(serve({ runs: file })).rejects.toMatchObject({ code: "ERR_RUN_FILES" });
  await expect(serve({ run: temporaryFolder() })).rejects.toMatchObject({ code: "ERR_NO_RUN" });
});

it("needs a token that is not empty where others can reach it", async () => {
  const { url } = await serve({ host: "0.0.0.0", token: "" });
  expect(new URL(url).searchParams.get("token")).toHaveLength(22);
});

it("takes the next free port where none was asked for", async () => {
  const runs = temporaryFolder();
  const [one, two] = [await serveDashboard({ runs }), await serveDashboard({ runs })];
  onTestFinished(() => Promise.all([one.close(), two.close()]).then(() => undefined));
  expect(two.port).toBeGreaterThan(one.port);
});
