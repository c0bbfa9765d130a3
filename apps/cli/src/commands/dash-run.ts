/** Runs `ane dash`: the view of a run in this terminal, once as text, or all runs in a browser. */
import { readConfig, readRun, runNumbers, runStatus } from "@ane/run-records";
import { requestRun } from "@ane/trainer";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { knownPeak } from "../machine-peak.js";
import { INITIAL_CONTROLS } from "../view/live/controls.js";
import { followInto } from "../view/live/follow-into.js";
import { LiveView } from "../view/live/live-view.js";
import { canDraw, glyphsFor, paletteFor } from "../view/live/look.js";
import { drawPicture } from "../view/live/picture.js";
import { savePicture } from "../view/live/save-picture.js";
import type { DashFlags } from "./dash.js";
import { namedRun } from "./named-run.js";

/** Of a picture that goes into a pipe or a file. */
const TEXT_SIZE = { columns: 120, rows: 40 };

const STATUS_MS = 1000;

export async function runDash(this: Context, flags: DashFlags, run?: string): Promise<void> {
  if (flags.web) return serve(this, flags, run);
  for (const name of ["port", "host"] as const) {
    if (flags[name] === undefined) continue;
    throw new UsageError(`--${name}: is for --web, got ${flags[name]} without it. Add --web.`);
  }
  const directory = namedRun(this, run ?? "");
  if (flags.once || !canDraw(this.process.env ?? {})) await print(this, flags, directory);
  else await watch(this, flags, directory);
}

async function print(context: Context, flags: DashFlags, directory: string): Promise<void> {
  const environment = context.process.env ?? {};
  const { state, status } = await readRun(directory);
  const { columns, rows } = process.stdout.isTTY ? process.stdout : TEXT_SIZE;
  const picture = drawPicture(
    {
      state,
      numbers: runNumbers(state),
      status,
      controls: INITIAL_CONTROLS,
      glyphs: glyphsFor(environment, flags.ascii),
      now: Date.now(),
      utcOffset: -new Date().getTimezoneOffset(),
      peakTflops: state.run && knownPeak(environment, state.run.device),
      notice: directory,
      role: "dash",
    },
    columns,
    process.stdout.isTTY ? rows - 1 : rows,
  );
  context.process.stdout.write(`${picture.text()}\n`);
}

/** Until the person leaves, or the terminal is gone. */
async function watch(context: Context, flags: DashFlags, directory: string): Promise<void> {
  const environment = context.process.env ?? {};
  const left = new AbortController();
  const interrupted = context.interruptible("");
  const leave = () => left.abort();
  interrupted.addEventListener("abort", leave);
  using view = new LiveView({
    role: "dash",
    glyphs: glyphsFor(environment, flags.ascii),
    palette: paletteFor(environment),
    peakOf: (device) => knownPeak(environment, device),
    config: readConfig(directory),
    ask: (action) => requestRun(directory, action),
    onLeave: leave,
    onInterrupt: leave,
    save: (picture, { step }) => `written: ${savePicture(picture, directory, step)}`,
  });
  const look = () => {
    view.status = runStatus(directory, view.state.done);
  };
  look();
  const timer = setInterval(look, STATUS_MS);
  try {
    await followInto(view, directory, left.signal, look);
  } finally {
    clearInterval(timer);
    interrupted.removeEventListener("abort", leave);
  }
}

async function serve(context: Context, flags: DashFlags, run?: string): Promise<void> {
  const { serveDashboard } = await import("@ane/web-dashboard");
  const stopped = context.interruptible("");
  const dashboard = await serveDashboard({
    runs: userPath(context, "runs"),
    ...(run !== undefined && { run: namedRun(context, run) }),
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.port !== undefined && { port: flags.port }),
    peakOf: (device) => knownPeak(context.process.env ?? {}, device),
  });
  context.process.stdout.write(`${dashboard.url}\nCtrl-C ends it; training goes on.\n`);
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve();
    stopped.addEventListener("abort", () => resolve());
  });
  await dashboard.close();
}
