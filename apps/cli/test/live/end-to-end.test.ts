/** The live view as people use it: the built program in a pseudo terminal. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openPseudoTerminal } from "./pseudo-terminal.js";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const tiny = {
  dim: 64,
  hiddenDim: 160,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  vocabSize: 32000,
  seqLen: 64,
};

let folder: string;
beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing: run the build first.`);
  folder = mkdtempSync(join(tmpdir(), "ane-live-"));
  writeFileSync(join(folder, "tiny.json"), JSON.stringify(tiny));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const endless = ["train", "--model", "tiny.json", "--steps", "1000000", "--save-every", "0"];

/** In a terminal; the shell says afterwards how the program has left it. */
function ane(args: readonly string[], size = { columns: 100, rows: 30 }) {
  const script = '"$0" "$@"; echo "status $?"; stty -a';
  const terminal = openPseudoTerminal(
    "/bin/sh",
    ["-c", script, process.execPath, program, ...args],
    {
      cwd: folder,
      ...size,
    },
  );
  onTestFinished(() => terminal.kill());
  return terminal;
}

/** Trains without a terminal; resolves after the first micro-step. */
async function trainElsewhere(out: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, ...endless, "--json", "--out", out], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  while (!String((await once(child.stdout!, "data"))[0]).includes('"step"'));
  child.stdout!.resume();
  return child;
}

function eventsOf(out: string): { type: string; action?: string }[] {
  const text = readFileSync(join(folder, out, "events.jsonl"), "utf8");
  return text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Echo and lines are on, as a shell wants them; the cursor is there, and the screen is the old one. */
function expectRestored(terminal: ReturnType<typeof ane>): void {
  expect(terminal.buffer()).toBe("normal");
  expect(terminal.written()).toMatch(/(?<!-)icanon/);
  expect(terminal.written()).toMatch(/(?<!-)\becho\b/);
  const shown = terminal.written().lastIndexOf("\u001b[?25h");
  expect(shown).toBeGreaterThan(terminal.written().lastIndexOf("\u001b[?25l"));
}

describe("ane train in a terminal", () => {
  it("shows the run, obeys keys, follows its size, and saves on Ctrl-C", async () => {
    const terminal = ane([...endless, "--out", "live"]);
    await terminal.until("training", (screen) => /^ ● training {2}tiny/.test(screen));
    await terminal.until("a curve", (screen) => /[\u2801-\u28ff]/.test(screen));
    expect(terminal.buffer()).toBe("alternate");

    terminal.type(" ");
    await terminal.until("a pause", (screen) => /^ ‖ paused/.test(screen));
    terminal.type("ge");
    await terminal.until("an evaluation", (screen) => /held out +\d+\.\d{4}/.test(screen));
    terminal.type("[");
    await terminal.until("a sample", (screen) => screen.includes("Once upon a time"));
    terminal.type(" ");
    await terminal.until("training again", (screen) => /^ ● training/.test(screen));

    terminal.resize(40, 15);
    await terminal.until(
      "small panels",
      (screen) => screen.split("\n").every((line) => line.length <= 40) && /╮$/m.test(screen),
    );
    terminal.resize(120, 40);
    await terminal.until(
      "large panels",
      (screen) => screen.includes("─ time ─") && screen.includes("─ log ─"),
    );
    terminal.type("?");
    await terminal.until("help", (screen) => screen.includes("save a checkpoint now"));
    terminal.type("?x");
    await terminal.until("an export", (screen) => screen.includes("written: "));

    terminal.type("\u0003");
    expect(await terminal.ended).toBe(0); // of the shell
    expect(terminal.written()).toContain("status 130");
    expect(terminal.written()).toMatch(/Stopped after micro-step \d+; everything is saved\./);
    expectRestored(terminal);
    const events = eventsOf("live");
    expect(events.at(-1)).toMatchObject({ type: "done", reason: "interrupted" });
    expect(events.filter(({ type }) => type === "request").map(({ action }) => action)).toEqual([
      ...["pause", "sample", "evaluate", "resume"],
    ]);
  });

  it("goes on in lines when the view is left, and ends with a report", async () => {
    const terminal = ane(["train", "--model", "tiny.json", "--steps", "400", "--out", "lines"]);
    await terminal.until("training", (screen) => screen.includes("● training"));
    terminal.type("q");
    await terminal.until("lines", (screen) => /step +\d+\/400 {2}loss/.test(screen));
    expect(await terminal.ended).toBe(0);
    expect(terminal.written()).toContain("status 0");
    expect(terminal.written()).toContain("Efficiency report");
    expectRestored(terminal);
  });

  it("saves, and leaves the terminal as it was, when it is told to end", async () => {
    const terminal = ane([...endless, "--out", "told"]);
    await terminal.until("training", (screen) => screen.includes("● training"));
    const [pid] = spawnSync("pgrep", ["-P", String(terminal.pid)], {
      encoding: "utf8",
    }).stdout.split("\n");
    process.kill(Number(pid), "SIGTERM");
    expect(await terminal.ended).toBe(0);
    expect(terminal.written()).toContain("everything is saved");
    expectRestored(terminal);
  });

  it("saves when its terminal is closed, and ends by that signal", async () => {
    const args = [program, ...endless, "--out", "closed"];
    const terminal = openPseudoTerminal(process.execPath, args, {
      cwd: folder,
      columns: 80,
      rows: 24,
    });
    onTestFinished(() => terminal.kill());
    await terminal.until("training", (screen) => screen.includes("● training"));
    terminal.close();
    expect(await terminal.signal).toBe(1);
    expect(eventsOf("closed").at(-1)).toMatchObject({ type: "done", reason: "interrupted" });
  });

  it("shows lines with --plain, and says what is wrong before it draws", async () => {
    const plain = ane(["train", "--model", "tiny.json", "--steps", "20", "--plain"]);
    await plain.ended;
    expect(plain.written()).not.toContain("\u001b[?1049h");
    expect(plain.written()).toMatch(/step 20\/20 {2}loss/);
    const wrong = ane(["train", "--model", "tiny.json", "--seq", "33"]);
    await wrong.ended;
    expect(wrong.written()).not.toContain("\u001b[?1049h");
    expect(wrong.written()).toMatch(/multiple of 32/);
  });

  it("refuses the live view without a terminal", () => {
    const options = { cwd: folder, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, ...endless, "--dashboard"],
      options,
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/--dashboard: .* must be a terminal/);
  });
});

describe("ane dash", () => {
  it("is attached to a run that another process trains: asks it, and leaves it alone", async () => {
    const child = await trainElsewhere("shared");
    const closed = once(child, "close");
    const terminal = ane(["dash", "shared"], { columns: 80, rows: 24 });
    await terminal.until("training", (screen) => /^ ● training {2}tiny/.test(screen));
    terminal.type(" ");
    await terminal.until("a pause", (screen) => /^ ‖ paused/.test(screen));
    terminal.type("c ");
    await terminal.until("training again", (screen) => /^ ● training/.test(screen));
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(0);
    expect(terminal.written()).toContain("status 0");
    expectRestored(terminal);
    expect(child.exitCode).toBeNull();
    const asked = eventsOf("shared").filter(({ type }) => type === "request");
    expect(asked.map(({ action }) => action)).toEqual(["pause", "checkpoint", "resume"]);

    const second = ane(["dash", "shared"], { columns: 80, rows: 24 });
    await second.until("training", (screen) => /^ ● training/.test(screen));
    second.type("Q");
    await second.until("the end", (screen) => /^ ■ interrupted/.test(screen));
    second.type("cq");
    expect(await second.ended).toBe(0);
    await closed;
    expect(child.exitCode).toBe(130);
  });

  it("says that it reads, as long as it reads a long record", async () => {
    const args = ["train", "--model", "tiny.json", "--steps", "3", "--out", "long", "--quiet"];
    spawnSync(process.execPath, [program, ...args], { cwd: folder });
    const events = eventsOf("long");
    const last = events.findLast(({ type }) => type === "step");
    const steps = Array.from({ length: 100_000 }, (_, index) =>
      JSON.stringify({ ...last, step: 4 + index }),
    );
    appendFileSync(join(folder, "long", "events.jsonl"), `${steps.join("\n")}\n`);
    const terminal = ane(["dash", "long"], { columns: 80, rows: 24 });
    await terminal.until("reading", (screen) =>
      /^ ● reading \d+ % .*reading the record/s.test(screen),
    );
    await terminal.until("all", (screen) => /step +100003\//.test(screen));
    expect(terminal.screen()).not.toContain("reading");
    expect(terminal.written()).not.toContain("no micro-step yet");
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  it("prints one picture into a pipe", () => {
    const args = ["train", "--model", "tiny.json", "--steps", "20", "--out", "piped", "--quiet"];
    spawnSync(process.execPath, [program, ...args], { cwd: folder });
    const env = { ...process.env, LC_ALL: "C" };
    const { status, stdout } = spawnSync(process.execPath, [program, "dash", "piped"], {
      cwd: folder,
      encoding: "utf8",
      env,
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ # finished {2}tiny/);
    expect(stdout).toMatch(/step +20\/20/);
    expect(stdout.trimEnd().split("\n")).toHaveLength(40);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it("says so where there is no run", () => {
    const { status, stderr } = spawnSync(process.execPath, [program, "dash", "nowhere"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/nowhere/);
    expect(stderr).not.toContain("    at ");
  });
});
