/**
 * Which requests are refused, before anything is looked up. The dashboard is read-only and holds nothing but runs, but what a
 * run trains on is its owner's business: a page of another origin must not read it (Origin, Sec-Fetch-Site), nor one whose
 * domain name was made to point here (Host), nor, where the server can be reached from other machines, anyone without the token.
 */
import { timingSafeEqual } from "node:crypto";
import { hostname } from "node:os";

/** Of a request, what decides; header names as Node gives them, in small letters. */
export interface RequestFacts {
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Address of this end of the connection. */
  readonly localAddress: string;
}

export interface GuardPolicy {
  /** The interface that was asked for. */
  readonly host: string;
  /** Empty: none is needed. */
  readonly token: string;
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 421;
  readonly message: string;
}

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Nothing for a request that may be answered. */
export function refuse(request: RequestFacts, policy: GuardPolicy): Refusal | undefined {
  const { method, target } = request;
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, message: `The dashboard only reads: GET or HEAD, got ${method}.` };
  if (!isPlainTarget(target))
    return { status: 400, message: "The path must be one of the dashboard's own." };
  const host = header(request, "host");
  if (!isOwnHost(host, request.localAddress, policy.host))
    return { status: 421, message: "The Host header must name this machine." };
  const origin = header(request, "origin");
  if (origin !== "" && origin !== `http://${host}`)
    return { status: 403, message: "Pages of other origins may not read the dashboard." };
  if (isForeignFetch(request))
    return { status: 403, message: "Pages of other sites may not read the dashboard." };
  if (policy.token !== "" && !sameText(tokenOf(target), policy.token))
    return { status: 401, message: "Open the address with ?token= that the dashboard printed." };
  return undefined;
}

/** Is `host` an interface that only this machine can reach? */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** No absolute-form targets, no "..", no escapes in the path: the routes need none of these. */
function isPlainTarget(target: string): boolean {
  const path = target.split("?", 1)[0]!;
  return /^\/[\w./~-]*$/.test(path) && !path.split("/").some((part) => part === "..");
}

/**
 * A rebound domain name arrives in the Host header; names of this machine and the address that was connected to are no danger. Any
 * port is: through an ssh tunnel the browser knows another one.
 */
function isOwnHost(host: string, localAddress: string, asked: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const address = localAddress.replace(/^::ffff:/, "");
  if (isLoopback(address)) return LOOPBACK_NAMES.has(name) || name === address || name === asked;
  const own = hostname().toLowerCase();
  return [address, `[${address}]`, asked.toLowerCase(), own, `${own}.local`].includes(name);
}

/** Browsers say who asks. Following a link to the page is fine; embedding it, or fetching from elsewhere, is not. */
function isForeignFetch(request: RequestFacts): boolean {
  const site = header(request, "sec-fetch-site");
  if (site === "" || site === "same-origin" || site === "none") return false;
  const isLink =
    header(request, "sec-fetch-mode") === "navigate" &&
    header(request, "sec-fetch-dest") === "document" &&
    request.target.split("?", 1)[0] === "/";
  return !isLink;
}

function tokenOf(target: string): string {
  return new URLSearchParams(target.split("?").slice(1).join("?")).get("token") ?? "";
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

function header(request: RequestFacts, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}
