/** The dashboard's addresses: the page, the list of runs, their configurations, parts of curves, and the stream of what is new. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { configTable } from "./config-table.js";
import { curvesBetween } from "./curves.js";
import { EventStream } from "./event-stream.js";
import { parseMarks } from "./marks.js";
import type { Page } from "./page.js";
import { type GuardPolicy, refuse } from "./request-guard.js";
import type { RunCatalog } from "./run-catalog.js";
import type { PeakOf } from "./run-facts.js";

export interface AnswerContext {
  readonly policy: GuardPolicy;
  readonly page: Page;
  readonly catalog: RunCatalog;
  /** The runs' folder as people know it. */
  readonly root: string;
  readonly peakOf: PeakOf;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** At most so many runs in one answer. */
const RUNS_AT_ONCE = 12;

export function answerRequests(context: AnswerContext) {
  const { policy, page } = context;
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { method = "", url: target = "", headers, socket } = request;
    const localAddress = socket.localAddress ?? "";
    for (const [name, value] of securityHeaders(page)) response.setHeader(name, value);
    const refusal = refuse({ method, target, headers, localAddress }, policy);
    if (refusal) {
      send(response, text(refusal.status, refusal.message));
      return;
    }
    const { pathname, searchParams } = new URL(target, "http://dashboard");
    const runs = searchParams.getAll("run").slice(0, RUNS_AT_ONCE);
    try {
      if (pathname === "/api/stream" && method === "GET") {
        stream(response, runs, headers["last-event-id"]?.toString() ?? "", context);
      } else {
        send(response, answer(pathname, runs, searchParams, context));
      }
    } catch (error) {
      send(response, text(500, error instanceof Error ? error.message : String(error)));
    }
  };
}

function answer(
  path: string,
  runs: readonly string[],
  query: URLSearchParams,
  { page, catalog }: AnswerContext,
): Answer {
  switch (path) {
    case "/":
      return { status: 200, type: "text/html; charset=utf-8", body: page.html };
    case "/api/runs":
      return json(catalog.list());
    case "/api/config":
      return json(
        configTable(
          runs.flatMap((id) => {
            const directory = catalog.directory(id);
            return directory === undefined ? [] : [{ id, directory }];
          }),
        ),
      );
    case "/api/curves": {
      const state = catalog.feed(runs[0] ?? "")?.state;
      const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
      if (!state || !(from <= to))
        return text(404, "No run that is being watched has such a part.");
      return json(curvesBetween(state, from, to));
    }
    default:
      return text(404, "The dashboard has no such address.");
  }
}

function stream(
  response: ServerResponse,
  runs: readonly string[],
  lastId: string,
  { page, catalog, root, peakOf }: AnswerContext,
): void {
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
  const first = catalog.extraId;
  const hello = { page: page.digest, root, ...(first === undefined ? {} : { run: first }) };
  new EventStream(response, catalog, { hello, runs, marks: parseMarks(lastId), peakOf });
}

function securityHeaders(page: Page): [string, string][] {
  return [
    ["Content-Security-Policy", page.contentSecurityPolicy],
    ["X-Content-Type-Options", "nosniff"],
    ["X-Frame-Options", "DENY"],
    ["Referrer-Policy", "no-referrer"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cache-Control", "no-store"],
  ];
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

function text(status: number, message: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${message}\n` };
}

function json(value: unknown): Answer {
  return { status: 200, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}
