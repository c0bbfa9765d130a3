import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EventLog } from "../src/event-log.js";
import type { EvaluationEvent } from "../src/events.js";
import { temporaryFolder } from "./support/temporary-folder.js";

const event: EvaluationEvent = {
  type: "evaluation",
  step: 4,
  meanNll: 1.5,
  windows: 2,
  data: "00",
  ms: 3,
};

it("appends one event per line", () => {
  const path = join(temporaryFolder(), "events.jsonl");
  for (const step of [1, 2]) {
    using log = new EventLog(path);
    log.append({ ...event, step });
  }
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines.map((line) => (line === "" ? "" : JSON.parse(line).step))).toEqual([1, 2, ""]);
});

it.each([10, 200_000])("cuts off a torn last line of %i bytes and keeps the rest", (length) => {
  const path = join(temporaryFolder(), "events.jsonl");
  const whole = `${JSON.stringify(event)}\n`;
  writeFileSync(path, whole + "{".repeat(length));
  using log = new EventLog(path);
  log.append(event);
  expect(readFileSync(path, "utf8")).toBe(whole + whole);
});

it("cuts off a torn first line", () => {
  const path = join(temporaryFolder(), "events.jsonl");
  writeFileSync(path, '{"type":');
  using log = new EventLog(path);
  expect(readFileSync(path, "utf8")).toBe("");
  log.append(event);
});
