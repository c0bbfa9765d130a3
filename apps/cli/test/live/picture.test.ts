/** The whole picture at sizes of terminals, as text: reviewed like code. */
import { describe, expect, it } from "vitest";
import { textWidth } from "../../src/view/live/canvas.js";
import { type Controls, INITIAL_CONTROLS, TABS } from "../../src/view/live/controls.js";
import { drawPicture } from "../../src/view/live/picture.js";
import { ASCII_GLYPHS } from "../../src/view/live/style.js";
import { eventsOf, START, sceneOf, stateOf } from "./scene.js";

const state = stateOf(eventsOf(700));
const scene = sceneOf(state);

const snapshot = (name: string) => `./pictures/${name}.txt`;

describe("a run that trains", () => {
  it.each([
    [40, 15],
    [80, 24],
    [120, 40],
    [200, 60],
  ])("at %i x %i", async (width, height) => {
    const text = drawPicture(scene, width, height).text();
    await expect(`${text}\n`).toMatchFileSnapshot(snapshot(`training-${width}x${height}`));
  });

  it("in ASCII has nothing else", async () => {
    const text = drawPicture({ ...scene, glyphs: ASCII_GLYPHS }, 80, 24).text();
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(`${text}\n`).toMatchFileSnapshot(snapshot("training-80x24-ascii"));
  });
});

it("shows help over the panels", async () => {
  const controls = { ...INITIAL_CONTROLS, help: true };
  const text = drawPicture({ ...scene, controls }, 80, 24).text();
  await expect(`${text}\n`).toMatchFileSnapshot(snapshot("help-80x24"));
});

it("has all of help and of the numbers in the smallest terminal, further down", () => {
  const seen = (rowsDown: number, shown: Partial<Controls>) =>
    drawPicture({ ...scene, controls: { ...INITIAL_CONTROLS, ...shown, rowsDown } }, 40, 15).text();
  expect(seen(0, { help: true })).not.toContain("Ctrl-C");
  expect(seen(40, { help: true })).toMatch(/Ctrl-C +as Q; twice ends at/);
  expect(seen(0, { tab: "numbers" })).not.toContain("of measured peak");
  expect(seen(40, { tab: "numbers" })).toContain("of measured peak");
});

it("breaks lines of the log in a narrow terminal", () => {
  const controls = { ...INITIAL_CONTROLS, tab: "log" } as const;
  const words = drawPicture({ ...scene, controls }, 40, 15)
    .text()
    .replace(/[│\s]+/g, " ");
  expect(words).toContain("checkpoint saved (292.90 MB, 210 ms)");
});

it("shows the highest losses without a running mean, but a single spike", () => {
  const controls = { ...INITIAL_CONTROLS, smoothing: 0 } as const;
  const noisy = (loss: (step: number) => number) => {
    const events = eventsOf(700).map((event) =>
      event.type === "step" ? { ...event, loss: loss(event.step) } : event,
    );
    return drawPicture({ ...sceneOf(stateOf(events)), controls }, 80, 24).text();
  };
  const highest = (text: string) => Number(/│ +([\d.]+) /.exec(text)![1]);
  expect(highest(noisy((step) => (step % 5 === 0 ? 4 : 2)))).toBeGreaterThan(3);
  expect(highest(noisy((step) => (step === 350 ? 40 : 2 + (step % 5) / 4)))).toBeLessThan(20);
});

it("shows the last micro-steps on logarithmic axes", async () => {
  const controls = {
    ...INITIAL_CONTROLS,
    window: 500,
    logLoss: true,
    logSteps: true,
    smoothing: 0.9,
  } as const;
  const text = drawPicture({ ...scene, controls, notice: "checkpoint: asked for" }, 80, 24).text();
  await expect(`${text}\n`).toMatchFileSnapshot(snapshot("zoomed-80x24"));
});

it.each(TABS)("has a panel of %s", async (tab) => {
  const controls = { ...INITIAL_CONTROLS, tab };
  const text = drawPicture({ ...scene, controls }, 60, 20).text();
  await expect(`${text}\n`).toMatchFileSnapshot(snapshot(`panel-${tab}-60x20`));
});

it("says n/a for what is not known, and never 0", () => {
  const text = drawPicture(sceneOf(stateOf([])), 120, 40).text();
  expect(text).toContain("no micro-step yet");
  for (const label of [
    "held out",
    "tokens/s",
    "ANE power",
    "GPU power",
    "energy/token",
    "memory",
    "thermal",
  ]) {
    expect(text).toMatch(new RegExp(`${label} +n/a`));
  }
});

it.each([
  ["running", "training"],
  ["finished", "finished"],
  ["interrupted", "interrupted"],
  ["dead", "ended without a word"],
] as const)("says that a run is %s", (status, word) => {
  expect(drawPicture({ ...scene, status }, 80, 24).text()).toContain(word);
});

it.each([
  [120, 40],
  [60, 20],
  [30, 10],
])("%i x %i: says that it is still reading, and how much is read", (width, height) => {
  const before = { ...sceneOf(stateOf([])), reading: 0.439 };
  const text = drawPicture(before, width, height).text();
  expect(text).toMatch(/^ ● reading 43 % /);
  expect(text).not.toContain("no micro-step yet");
  expect(text.includes("reading the record")).toBe(width >= 40);
});

it("says when a run is paused, and for how long it has been silent", () => {
  const paused = stateOf([...eventsOf(20), { type: "pause", step: 20, time: START }]);
  expect(drawPicture(sceneOf(paused), 80, 24).text()).toMatch(/^ ‖ paused/);
  const silent = { ...scene, now: state.lastTime! + 125_000 };
  expect(drawPicture(silent, 80, 24).text()).toMatch(/^ ● silent for 2:05/);
});

it("shows power where the machine tells it", () => {
  const system = {
    type: "system",
    step: 1,
    ms: 2000,
    processes: 2,
    memory: 1e9,
    busyCores: 1,
    cores: 8,
    power: { ane: 1.5, cpu: 3.25 },
    thermal: "nominal",
  } as const;
  const text = drawPicture(sceneOf(stateOf([...eventsOf(20), system])), 120, 40).text();
  expect(text).toMatch(/ANE power +1\.50 W/);
  expect(text).toMatch(/CPU power +3\.25 W/);
  expect(text).toMatch(/GPU power +n\/a/);
  expect(text).toMatch(/thermal +nominal/);
});

it("fits every size, down to a single cell", () => {
  const wide = {
    ...eventsOf(100).find(({ type }) => type === "sample")!,
    text: "日本語 👩‍👩‍👧 e\u0301\u0007\u001b[2J x",
  };
  const odd = sceneOf(stateOf([...eventsOf(100), wide as never]), {
    controls: { ...INITIAL_CONTROLS, tab: "samples" },
  });
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [39, 15],
    [40, 14],
    [41, 15],
    [71, 22],
    [72, 22],
    [109, 36],
    [110, 36],
    [300, 20],
    [40, 100],
  ] as const) {
    const lines = drawPicture(odd, width, height).lines("colour");
    expect(lines).toHaveLength(height);
    for (const line of lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: codes of the terminal
      const bare = line.replaceAll(/\u001b\[[0-9;]*m/g, "");
      expect(bare).not.toMatch(/\p{Cc}/u);
      expect(textWidth(bare)).toBe(width);
    }
  }
});
