/** The dashboard's server: where it listens, and until when. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { listRuns, readConfig } from "@ane/run-records";
import { answerRequests } from "./answer-requests.js";
import { DashboardError } from "./errors.js";
import { loadPage } from "./page.js";
import { isLoopback } from "./request-guard.js";
import { RunCatalog } from "./run-catalog.js";

export interface DashboardOptions {
  /** Folder that the runs are in; need not exist yet. */
  readonly runs: string;
  /** Folder of the run to open first; may lie elsewhere. Default: the newest. */
  readonly run?: string;
  /** Interface to listen on. Default 127.0.0.1, which only this machine can reach. */
  readonly host?: string;
  /** 0 = any free one. Default 8088, or the next free one of 20. */
  readonly port?: number;
  /** What an address must have as ?token=. Default: none on a loopback interface, else a random one. */
  readonly token?: string;
  /**
   * The most that a device was measured to do, in 10^12 operations per second, by its description; undefined if it was
   * not. Default: nothing is known.
   */
  readonly peakOf?: (device: string) => number | undefined;
}

export interface Dashboard extends AsyncDisposable {
  /** To be opened in a browser, with the token where one is needed. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Ends all connections. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 8088;
const PORTS_TRIED = 20;

/**
 * Serves until it is closed.
 * @throws DashboardError if it cannot listen as asked; RunRecordsError if `runs` cannot be read, or `run` is not a run
 */
export async function serveDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { host = "127.0.0.1" } = options;
  const token = options.token || (isLoopback(host) ? "" : randomBytes(16).toString("base64url"));
  listRuns(options.runs);
  if (options.run !== undefined) readConfig(options.run);
  const catalog = new RunCatalog(options.runs, options.run);
  const answer = answerRequests({
    policy: { host, token },
    page: loadPage(),
    catalog,
    root: options.runs,
    peakOf: options.peakOf ?? (() => undefined),
  });
  const server = createServer(answer);
  try {
    await listen(server, host, options.port);
  } catch (error) {
    catalog[Symbol.dispose]();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    catalog[Symbol.dispose]();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const url = `http://${nameOf(host)}:${port}/${token === "" ? "" : `?token=${encodeURIComponent(token)}`}`;
  return { url, port, server, close, [Symbol.asyncDispose]: close };
}

/** What other machines call an interface; of all of them, the first that they can reach. */
function nameOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") {
    const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
    return (
      addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ??
      hostname()
    );
  }
  return isIPv6(host) ? `[${host}]` : host;
}

/** On the port asked for, or the first free one from the default on. */
async function listen(server: Server, host: string, asked: number | undefined): Promise<void> {
  const ports =
    asked === undefined
      ? Array.from({ length: PORTS_TRIED }, (_, index) => DEFAULT_PORT + index)
      : [asked];
  for (const [index, port] of ports.entries()) {
    try {
      return await listenOn(server, host, port);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === "EADDRINUSE" && index + 1 < ports.length) continue;
      throw cannotListen(host, port, code, cause);
    }
  }
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function cannotListen(host: string, port: number, code: string | undefined, cause: unknown) {
  if (code === "EADDRINUSE" || code === "EACCES" || code === "ERR_SOCKET_BAD_PORT") {
    const remedy =
      code === "EADDRINUSE" ? "Choose another, or 0 for any" : "Choose one from 1024 to 65535";
    return new DashboardError(
      "ERR_DASHBOARD_PORT",
      `port: must be one that can be listened on, got ${port} (${code}). ${remedy}.`,
      { cause },
    );
  }
  return new DashboardError(
    "ERR_DASHBOARD_HOST",
    `host: must be an interface of this machine, got ${host} (${code ?? String(cause)}). Use 127.0.0.1, or 0.0.0.0 for all.`,
    { cause },
  );
}
