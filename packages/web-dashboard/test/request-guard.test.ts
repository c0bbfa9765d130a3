/** What is refused, header by header. */
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { type GuardPolicy, isLoopback, type RequestFacts, refuse } from "../src/request-guard.js";

const onLoopback: GuardPolicy = { host: "127.0.0.1", token: "" };
const onAll: GuardPolicy = { host: "0.0.0.0", token: "secret" };

function status(
  headers: Record<string, string>,
  change: Partial<RequestFacts> = {},
  policy = onLoopback,
): number | undefined {
  const request = { method: "GET", target: "/", localAddress: "127.0.0.1", ...change };
  return refuse({ ...request, headers: { host: "127.0.0.1:8088", ...headers } }, policy)?.status;
}

describe("on a loopback interface", () => {
  it.each([
    ["its own address", {}],
    ["localhost, as through an ssh tunnel with another port", { host: "localhost:9000" }],
    ["IPv6", { host: "[::1]:8088" }],
    ["a script of the page", { origin: "http://127.0.0.1:8088", "sec-fetch-site": "same-origin" }],
    ["an address typed by hand", { "sec-fetch-site": "none" }],
  ])("answers %s", (_, headers) => {
    expect(status(headers)).toBeUndefined();
  });

  it.each([
    ["a rebound domain", { host: "evil.example:8088" }, 421],
    ["a domain that begins like it", { host: "localhost.evil.example" }, 421],
    ["an address of another machine", { host: "192.0.2.7:8088" }, 421],
    ["no host", { host: "" }, 421],
    ["a page of another origin", { origin: "http://evil.example" }, 403],
    ["a page of another port", { origin: "http://127.0.0.1:3000" }, 403],
    ["a page without origin", { origin: "null" }, 403],
    ["a fetch from another site", { "sec-fetch-site": "cross-site" }, 403],
    ["a fetch from a sibling site", { "sec-fetch-site": "same-site" }, 403],
  ])("refuses %s", (_, headers, expected) => {
    expect(status(headers)).toBe(expected);
  });

  it("lets a link of another site lead to the page, but not to the data", () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect(status({ ...link, "sec-fetch-dest": "document" })).toBeUndefined();
    expect(status({ ...link, "sec-fetch-dest": "iframe" })).toBe(403);
    expect(status({ ...link, "sec-fetch-dest": "document" }, { target: "/api/runs" })).toBe(403);
  });
});

it.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("refuses %s", (method) => {
  expect(status({}, { method })).toBe(405);
});

it.each([
  "/../etc/passwd",
  "/api/../../etc/passwd",
  "/%2e%2e/etc/passwd",
  "/..%2fetc/passwd",
  "/\\..\\etc",
  "//evil.example/\0",
  "http://evil.example/",
  "*",
])("refuses the target %j", (target) => {
  expect(status({}, { target })).toBe(400);
});

describe("on an interface that others can reach", () => {
  const remote = { localAddress: "192.0.2.1" };
  const own = { host: "192.0.2.1:8088" };

  it("asks for the token", () => {
    expect(status(own, { ...remote, target: "/" }, onAll)).toBe(401);
    expect(status(own, { ...remote, target: "/?token=guess" }, onAll)).toBe(401);
    expect(status(own, { ...remote, target: "/api/runs?token=" }, onAll)).toBe(401);
    expect(
      status(own, { ...remote, target: "/api/runs?run=a&token=secret" }, onAll),
    ).toBeUndefined();
  });

  it("asks for it on the loopback interface too", () => {
    expect(status({}, {}, onAll)).toBe(401);
  });

  it("knows the machine's name and the address that was connected to, no other", () => {
    const target = "/?token=secret";
    const of = (host: string) => status({ host }, { ...remote, target }, onAll);
    expect(of(`${hostname()}:8088`)).toBeUndefined();
    expect(of("192.0.2.1")).toBeUndefined();
    expect(of("192.0.2.2")).toBe(421);
    expect(of("localhost")).toBe(421);
    expect(of("evil.example")).toBe(421);
  });

  it("takes an IPv4 connection to an IPv6 socket for what it is", () => {
    const mapped = { localAddress: "::ffff:192.0.2.1", target: "/?token=secret" };
    expect(status(own, mapped, onAll)).toBeUndefined();
  });
});

it("tells loopback interfaces", () => {
  expect(["127.0.0.1", "127.1.2.3", "::1", "localhost"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "192.0.2.1", "127.evil.example"].some(isLoopback)).toBe(false);
});
