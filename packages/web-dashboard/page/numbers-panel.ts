/** The run's numbers as tiles. */
import { formatBytes, type ReferenceLoss, type RunStatus } from "@ane/run-records";
import type { LiveNumbers, RunFacts } from "../src/wire.js";
import { element, fill } from "./element.js";
import {
  clock,
  count,
  duration,
  flops,
  integer,
  known,
  loss,
  number,
  percent,
  UNKNOWN,
} from "./format.js";

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly notes: readonly string[];
  readonly tone?: "train" | "validation";
}

export class NumbersPanel {
  readonly element = element("section.tiles", { aria: { label: "Numbers" } });

  update(numbers: LiveNumbers, facts: RunFacts | undefined, status: RunStatus | undefined): void {
    fill(
      this.element,
      ...tiles(numbers, facts, status).map(({ label, value, notes, tone }) =>
        element(
          "div.tile",
          tone ? { data: { tone } } : {},
          element("div.tile-label", {}, label),
          element(value === UNKNOWN ? "div.tile-value.unknown" : "div.tile-value", {}, value),
          element("div.tile-notes", {}, ...notes.map((note) => element("span", {}, note))),
        ),
      ),
    );
  }
}

function tiles(
  numbers: LiveNumbers,
  facts: RunFacts | undefined,
  status: RunStatus | undefined,
): Tile[] {
  const { validation, bestValidation, bestSmoothedLoss, smoothedLoss, system } = numbers;
  return [
    {
      label: "Training loss",
      value: known(smoothedLoss?.[0.98], loss),
      notes: [
        `now ${known(numbers.loss, loss)}`,
        `best ${known(bestSmoothedLoss?.value, loss)}`,
        ...nextReference(smoothedLoss?.[0.98], facts?.references ?? []),
      ],
      tone: "train",
    },
    {
      label: "Validation loss",
      value: known(validation?.value, loss),
      notes: [
        `best ${known(bestValidation?.value, loss)}`,
        `perplexity ${known(numbers.perplexity, number)}`,
        `bits per byte ${known(numbers.bitsPerByte, (bits) => bits.toFixed(3))}`,
      ],
      tone: "validation",
    },
    {
      label: "Micro-steps",
      value: integer(numbers.step),
      notes: [
        `of ${known(numbers.steps, integer)}`,
        `${known(numbers.tokens, count)} tokens`,
        `epoch ${known(numbers.epoch, (epoch) => epoch.toFixed(2))}`,
      ],
    },
    timeTile(numbers, status),
    {
      label: "Speed",
      value: known(numbers.tokensPerSecond, integer),
      notes: [
        "tokens per second",
        `${known(numbers.msPerStep, number)} ms per micro-step`,
        known(numbers.tflops, flops),
      ],
    },
    {
      label: "Learning rate",
      value: known(numbers.lr, number),
      notes: [
        `${integer(numbers.updates)} updates, ${integer(numbers.skippedUpdates)} skipped`,
        `gradient norm ${known(numbers.gradNorm, number)}, ${known(numbers.clipShare, percent)} clipped`,
        `loss scale ${known(numbers.lossScale, number)}`,
      ],
    },
    {
      label: "Device busy",
      value: known(numbers.deviceShare, percent),
      notes: [
        `${known(numbers.deviceTflops, flops)} while busy`,
        `${known(share(numbers.deviceTflops, facts?.peakTflops), percent)} of measured peak`,
        `${budget(numbers)}, ${integer(numbers.restarts)} restart${numbers.restarts === 1 ? "" : "s"}`,
      ],
    },
    {
      label: "Machine",
      value: known(system?.memory, formatBytes),
      notes: [
        `cores busy ${known(system?.busyCores, (cores) => cores.toFixed(1))}`,
        power(system?.power, numbers.joulesPerToken),
        `thermal ${system?.thermal ?? UNKNOWN}`,
      ],
    },
  ];
}

function timeTile(numbers: LiveNumbers, status: RunStatus | undefined): Tile {
  const worked = `${duration(numbers.workedMs)} worked`;
  if (status !== "running") {
    const ended = numbers.changed === undefined ? [] : [`last event ${clock(numbers.changed)}`];
    return { label: "Time", value: duration(numbers.workedMs), notes: ["worked", ...ended] };
  }
  const { remainingMs } = numbers;
  return {
    label: "Time left",
    value: known(remainingMs, duration),
    notes: [
      `done at ${known(remainingMs, (ms) => clock(Date.now() + ms))}`,
      worked,
      ...(numbers.steps ? [`${percent(numbers.step / numbers.steps)} done`] : []),
    ],
  };
}

function nextReference(value: number | undefined, references: readonly ReferenceLoss[]): string[] {
  const next = references.find((reference) => value !== undefined && reference.loss < value);
  return next ? [`next: ${next.name} ${loss(next.loss)}`] : [];
}

function budget({ budget: spent }: LiveNumbers): string {
  if (!spent) return `compiled ${UNKNOWN}`;
  return spent.limit === 0
    ? `${spent.used} kernels compiled`
    : `${spent.used} of ${spent.limit} compilations`;
}

function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part !== undefined && whole ? part / whole : undefined;
}

function power(
  parts: NonNullable<LiveNumbers["system"]>["power"],
  joulesPerToken: number | undefined,
): string {
  if (!parts) return `power ${UNKNOWN}`;
  const named = (["ane", "cpu", "gpu"] as const).map((part) =>
    known(parts[part], (watts) => watts.toFixed(1)),
  );
  return `ANE, CPU, GPU ${named.join(", ")} W · ${known(joulesPerToken, number)} J per token`;
}
