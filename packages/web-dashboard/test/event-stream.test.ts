/** The stream of a run that goes on, over real connections. */
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { serveDashboard } from "../src/index.js";
import { EventSourceReader, type Message } from "./support/event-source.js";
import {
  addEvents,
  runEvent,
  stepEvents,
  temporaryFolder,
  writeRun,
} from "./support/run-folder.js";

async function serve(runs: string, port = 0) {
  const peakOf = (device: string) => (device === "cpu: made up" ? 0.5 : undefined);
  const dashboard = await serveDashboard({ runs, port, peakOf });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

const stream = (port: number, ...runs: string[]) =>
  `http://127.0.0.1:${port}/api/stream?${runs.map((run) => `run=${encodeURIComponent(run)}`).join("&")}`;
const stepsOf = ({ data }: Message): number[] => data.curves.loss?.[0] ?? [];
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

it("sends everything, then what is new", async () => {
  const runs = temporaryFolder();
  const run = writeRun(runs, "a", [runEvent(), ...stepEvents(1, 10)]);
  const source = await EventSourceReader.open(stream((await serve(runs)).port, "a"));
  expect((await source.next("hello")).data.page).toMatch(/^[0-9a-f]{16}$/);
  const whole = await source.next("frame");
  expect(whole.data).toMatchObject({
    run: "a",
    wholeCurves: true,
    wholeTexts: true,
    facts: { model: "tiny", parameters: 2_130_000, clip: 1, peakTflops: 0.5 },
    numbers: { step: 10, loss: 9 },
  });
  expect(whole.data.curves.loss).toEqual([range(1, 10), range(1, 10).map((n) => 10 - n / 10)]);
  expect(whole.data.log.length).toBeGreaterThan(0);

  addEvents(run, stepEvents(11, 12));
  addEvents(run, [{ type: "evaluation", step: 12, meanNll: 3.5, windows: 4, data: "00", ms: 20 }]);
  const more = await source.next("frame", (message) => message.data.numbers.step === 12);
  expect(more.data).toMatchObject({ wholeCurves: false, wholeTexts: false });
  expect(stepsOf(more)).toEqual([11, 12]);
  expect(more.data.facts).toBeUndefined();
});

it("waits for the end of a line that is being written", async () => {
  const runs = temporaryFolder();
  const run = writeRun(runs, "a", [runEvent(), ...stepEvents(1, 2)]);
  const source = await EventSourceReader.open(stream((await serve(runs)).port, "a"));
  await source.next("frame");
  const line = JSON.stringify(stepEvents(3, 3)[0]);
  appendFileSync(join(run, "events.jsonl"), line.slice(0, 30));
  await new Promise((resolve) => setTimeout(resolve, 500));
  appendFileSync(join(run, "events.jsonl"), `${line.slice(30)}\n`);
  const more = await source.next("frame", (message) => message.data.numbers.step === 3);
  expect(stepsOf(more)).toEqual([3]);
});

it("goes on where a page was, after the server was restarted", async () => {
  const runs = temporaryFolder();
  const run = writeRun(runs, "a b", [runEvent(), ...stepEvents(1, 10)]);
  const first = await serve(runs);
  const before = await (await EventSourceReader.open(stream(first.port, "a b"))).next("frame");
  await first.close();
  addEvents(run, stepEvents(11, 15));
  const second = await serve(runs, first.port);
  const source = await EventSourceReader.open(stream(second.port, "a b"), before.id);
  const after = await source.next("frame");
  expect(after.data).toMatchObject({ wholeCurves: false, wholeTexts: true });
  expect(stepsOf(after)).toEqual(range(10, 15)); // from the page's last on: it replaces that
});

it("sends everything again when a resume makes micro-steps void", async () => {
  const runs = temporaryFolder();
  const run = writeRun(runs, "a", [runEvent(), ...stepEvents(1, 20)]);
  const { port } = await serve(runs);
  const source = await EventSourceReader.open(stream(port, "a"));
  const before = await source.next("frame");
  addEvents(run, [runEvent(8), ...stepEvents(9, 11)]);
  const after = await source.next("frame", (message) => message.data.numbers.step === 11);
  expect(after.data.wholeCurves).toBe(true);
  expect(stepsOf(after)).toEqual(range(1, 11));
  const again = await (await EventSourceReader.open(stream(port, "a"), before.id)).next("frame");
  expect(again.data.wholeCurves).toBe(true);
  expect(stepsOf(again)).toEqual(range(1, 11));
});

it("thins a long run, keeps its extremes, and has every point of what is near or asked for", async () => {
  const runs = temporaryFolder();
  const events = stepEvents(1, 40_000).map((event) => ({ ...event, loss: 5 }));
  events[12_345]!.loss = 9;
  writeRun(runs, "long", [runEvent(), ...events]);
  const { port } = await serve(runs);
  const source = await EventSourceReader.open(stream(port, "long"));
  const { data } = await source.next("frame");
  expect(data.curves.loss[0].length).toBeLessThanOrEqual(4000);
  expect(data.curves.loss[0].slice(-1000)).toEqual(range(39_001, 40_000));
  expect(Math.max(...data.curves.loss[1])).toBe(9);
  expect(data.curves.smooth98[0]).toEqual(data.curves.loss[0]);
  const steps = [...data.curves.loss[0]];
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  const part = await fetch(`http://127.0.0.1:${port}/api/curves?run=long&from=12001&to=12400`);
  expect(((await part.json()) as { loss: number[][] }).loss[0]).toEqual(range(12_001, 12_400));
});

it("tells of runs that appear, and that there is none of a name", async () => {
  const runs = temporaryFolder();
  const source = await EventSourceReader.open(stream((await serve(runs)).port, "../../etc"));
  expect((await source.next("problem")).data.run).toBe("../../etc");
  expect((await source.next("runs")).data).toEqual([]);
  writeRun(runs, "new", [runEvent()]);
  expect((await source.next("runs")).data).toMatchObject([{ id: "new" }]);
});

it("sends two runs in one stream, and follows a run that was begun anew in its folder", async () => {
  const runs = temporaryFolder();
  const a = writeRun(runs, "a", [runEvent(), ...stepEvents(1, 5)]);
  writeRun(runs, "b", [runEvent(), ...stepEvents(1, 7)]);
  const source = await EventSourceReader.open(stream((await serve(runs)).port, "a", "b"));
  const [one, two] = [await source.next("frame"), await source.next("frame")];
  expect([one, two].map(({ data }) => [data.run, data.numbers.step]).toSorted()).toEqual([
    ["a", 5],
    ["b", 7],
  ]);
  rmSync(a, { recursive: true });
  writeRun(runs, "a", [{ ...runEvent(), time: 1_800_000_000_000 }, ...stepEvents(1, 3)]);
  const anew = await source.next(
    "frame",
    ({ data }) => data.run === "a" && data.numbers.step === 3,
  );
  expect(anew.data.wholeCurves).toBe(true);
});
