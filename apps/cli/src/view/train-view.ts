/** The live view of a run that this process trains; leaving it goes on in lines. */
import { readConfig } from "@ane/run-records";
import type { RunControl, RunEvent } from "@ane/trainer";
import type { TrainFlags } from "../commands/train-flags.js";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { knownPeak } from "../machine-peak.js";
import { followInto } from "./live/follow-into.js";
import { LiveView } from "./live/live-view.js";
import { canDraw, glyphsFor, paletteFor } from "./live/look.js";
import { savePicture } from "./live/save-picture.js";
import { createProgress, type Progress } from "./progress.js";

/** @throws UsageError where two flags say how the run is shown */
export function expectOneView(
  flags: Pick<TrainFlags, "dashboard" | "plain" | "json" | "quiet">,
): void {
  const other = (["plain", "json", "quiet"] as const).find((name) => flags[name]);
  if (!flags.dashboard || other === undefined) return;
  throw new UsageError(
    `--${other}: is shown without a live view, got --dashboard as well. Leave one of them out.`,
  );
}

export interface TrainViewOptions {
  readonly control: RunControl;
  /** Aborted when the run is asked to end. */
  readonly signal: AbortSignal;
  readonly logEvery: number;
  readonly dashboard?: boolean | undefined;
  readonly plain?: boolean | undefined;
  readonly ascii?: boolean | undefined;
}

/**
 * Live where somebody is in front of a terminal, otherwise lines.
 * @throws UsageError where the live view is demanded without a terminal
 */
export function createTrainView(context: Context, options: TrainViewOptions): Progress {
  const { dashboard, plain, logEvery } = options;
  const environment = context.process.env ?? {};
  const isPossible = context.interactive && canDraw(environment);
  if (dashboard && !isPossible) {
    throw new UsageError(
      `--dashboard: standard input and output must be a terminal that can be drawn on, got ${environment.TERM === "dumb" ? "TERM=dumb" : "none"}. Leave it out, and look with ane dash from a terminal.`,
    );
  }
  const isLive = dashboard || (isPossible && !plain && !environment.CI);
  if (isLive) return liveProgress(context, options);
  return createProgress(plain ? { ...context, interactive: false } : context, { logEvery });
}

/** Shows the run live, and in lines once the person has left the view. */
function liveProgress(context: Context, options: TrainViewOptions): Progress {
  const environment = context.process.env ?? {};
  const { control, signal } = options;
  let view: LiveView | undefined;
  let lines: Progress | undefined;
  const announce = () =>
    view?.announce("finishing this micro-step and saving; Ctrl-C once more ends at once");
  const closed = new AbortController();
  const close = () => {
    closed.abort();
    signal.removeEventListener("abort", announce);
    view?.[Symbol.dispose]();
    view = undefined;
  };
  const open = (run: RunEvent) => {
    signal.addEventListener("abort", announce);
    const opened = new LiveView({
      role: "train",
      glyphs: glyphsFor(environment, options.ascii),
      palette: paletteFor(environment),
      peakOf: (device) => knownPeak(environment, device),
      config: readConfig(run.directory),
      ask: (action) => {
        control.request(action);
      },
      onLeave: () => {
        close();
        const { columns } = process.stdout;
        lines = createProgress({ ...context, columns }, options);
        lines.show(run);
      },
      // As if the terminal had sent it: the second one ends at once.
      onInterrupt: () => process.kill(process.pid, "SIGINT"),
      save: (picture, { step }) => `written: ${savePicture(picture, run.directory, step)}`,
    });
    view = opened;
    // From the record, as any other view: a resumed run has a past.
    followInto(opened, run.directory, closed.signal).catch((error: unknown) => {
      opened.announce(error instanceof Error ? error.message : String(error));
    });
  };
  return {
    show(event) {
      // Not before the run has begun: until then there are errors of options to be told.
      if (event.type === "run") open(event);
      lines?.show(event);
    },
    end() {
      close();
      lines?.end();
    },
  };
}
