/** A run on a terminal: takes events and keys, draws what has changed, and hands on what the person asks of the run. */
import {
  initialRunState,
  type RecordedEvent,
  type RunState,
  type RunStatus,
  reduceRun,
  runNumbers,
} from "@ane/run-records";
import type { RunAction, RunConfig } from "@ane/trainer";
import type { Canvas } from "./canvas.js";
import { type Command, type Controls, INITIAL_CONTROLS, press } from "./controls.js";
import { drawPicture } from "./picture.js";
import type { Scene } from "./scene.js";
import type { Glyphs, Palette } from "./style.js";
import { Terminal } from "./terminal.js";

export interface LiveViewOptions {
  readonly role: Scene["role"];
  readonly glyphs: Glyphs;
  readonly palette: Palette;
  /** Of the device that a run describes, as measured on this machine. */
  readonly peakOf: (device: string) => number | undefined;
  /** What is known before the first event. */
  readonly config?: RunConfig;
  /** Asks the run. @throws where it cannot be asked: the message is shown */
  readonly ask: (action: RunAction) => void;
  /** The person leaves the view. */
  readonly onLeave: () => void;
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Writes a picture; returns what to tell. */
  readonly save: (picture: Canvas, state: RunState) => string;
}

/** Between two pictures of new events: enough to see it move, and little work. */
const FRAME_MS = 500;
/** Between two pictures without any, of a run that is worked on: clocks go on. */
const TICK_MS = 1000;
/** After a picture at least so many times as long as it took to draw: less than 2 % of a core, however long the run is. */
const REST = 60;
const NOTICE_MS = 5000;

export class LiveView implements Disposable {
  readonly #options: LiveViewOptions;
  readonly #terminal: Terminal;
  readonly #tick: NodeJS.Timeout;
  #state: RunState;
  #status: RunStatus = "running";
  #reading: number | undefined;
  #controls: Controls = INITIAL_CONTROLS;
  #notice: { text: string; until: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #device: string | undefined;
  #peakTflops: number | undefined;
  #restMs = FRAME_MS;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#state = initialRunState(options.config);
    // A run that is about to be trained may have no past; one that is looked at has.
    this.#reading = options.role === "dash" ? 0 : undefined;
    this.#terminal = new Terminal({ key: (name) => this.#press(name), redraw: () => this.#draw() });
    this.#tick = setInterval(() => {
      if (this.#status === "running" || this.#notice) this.#schedule();
    }, TICK_MS).unref();
    this.#draw();
  }

  get state(): RunState {
    return this.#state;
  }

  /** The record is being read: this share of it has been. */
  set reading(share: number) {
    this.#reading = share;
    this.#schedule();
  }

  /** Goes on from a state that was read elsewhere; shown at once. */
  take(state: RunState): void {
    this.#state = state;
    this.#reading = undefined;
    this.#draw();
  }

  show(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.#state = reduceRun(this.#state, event);
      if (event.type === "request") {
        this.#tell(`${event.action}: ${event.refused ?? `at micro-step ${event.step}`}`);
      }
    }
    if (events.length > 0) this.#schedule();
  }

  /** Whether somebody works on the run. */
  set status(status: RunStatus) {
    if (status !== this.#status) this.#schedule();
    this.#status = status;
  }

  /** Tells something, on a screen where others may have written. */
  announce(text: string): void {
    this.#terminal.invalidate();
    this.#tell(text);
    this.#draw();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tick);
    clearTimeout(this.#timer);
    this.#terminal[Symbol.dispose]();
  }

  #tell(text: string): void {
    this.#notice = { text, until: performance.now() + NOTICE_MS };
  }

  #press(key: string): void {
    const { samples, log, step } = this.#state;
    const limits = { steps: step, samples: samples.length, lines: log.length };
    const { controls, command } = press(this.#controls, key, limits);
    this.#controls = controls;
    if (command !== undefined) this.#obey(command);
    this.#draw();
  }

  #obey(command: Command): void {
    switch (command) {
      case "leave":
        this.#options.onLeave();
        break;
      case "interrupt":
        this.#options.onInterrupt();
        break;
      case "redraw":
        this.#terminal.invalidate();
        break;
      case "export":
        this.#attempt(() => this.#options.save(this.#picture(), this.#state));
        break;
      case "toggle-pause":
        this.#ask(this.#state.isPaused ? "resume" : "pause");
        break;
      default:
        this.#ask(command);
    }
  }

  #ask(action: RunAction): void {
    this.#attempt(() => {
      if (this.#status !== "running") return `${action}: nobody works on this run`;
      this.#options.ask(action);
      return `${action}: asked for, comes after this micro-step`;
    });
  }

  #attempt(act: () => string): void {
    try {
      this.#tell(act());
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#drawnAt + this.#restMs - performance.now());
    this.#timer = setTimeout(() => this.#draw(), wait);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#terminal.isReady) return; // the next tick draws what is newest then
    const start = performance.now();
    this.#terminal.show(this.#picture().lines(this.#options.palette));
    this.#drawnAt = performance.now();
    this.#restMs = Math.max(FRAME_MS, REST * (this.#drawnAt - start));
  }

  /** Looked up once for each device. */
  #peak(): number | undefined {
    const device = this.#state.run?.device;
    if (device !== undefined && device !== this.#device) {
      this.#device = device;
      this.#peakTflops = this.#options.peakOf(device);
    }
    return this.#peakTflops;
  }

  #picture(): Canvas {
    if (this.#notice && this.#notice.until < performance.now()) this.#notice = undefined;
    const scene: Scene = {
      state: this.#state,
      numbers: runNumbers(this.#state),
      status: this.#status,
      reading: this.#reading,
      controls: this.#controls,
      glyphs: this.#options.glyphs,
      now: Date.now(),
      utcOffset: -new Date().getTimezoneOffset(),
      peakTflops: this.#peak(),
      notice: this.#notice?.text,
      role: this.#options.role,
    };
    return drawPicture(scene, this.#terminal.columns, this.#terminal.rows);
  }
}
