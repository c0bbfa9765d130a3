/** What docs/derive.md shows of the derived kernels of Stories110M: pictures, the plan, and the table beside the hand-written kernels. */
import { derivedLlama, type TrainingKernels } from "../src/autodiff/index.js";
import {
  byteSize,
  dynamicKernels,
  type Kernel,
  kernelFlops,
  llamaKernels,
  staticTypeOf,
} from "../src/index.js";
import { derivedPicture } from "./derived-picture.js";

const STORIES110M = {
  dim: 768,
  hiddenDim: 2048,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  seqLen: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
};

/** SVG files by name. */
export function derivedPictures(): Record<string, string> {
  const { attention, ffn } = derivedLlama(STORIES110M, "static");
  return {
    "derived-attention.svg": derivedPicture("Attention of a Llama layer, derived", attention),
    "derived-ffn.svg": derivedPicture("Feed-forward of a Llama layer, derived", ffn),
  };
}

/** The plan of the static feed-forward half, as `explain()` prints it. */
export function derivedPlan(): string {
  return derivedLlama(STORIES110M, "static").ffn.explain();
}

/** A Markdown table, its first column left-aligned. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(rows[0]!), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)].join("\n");
}

/** Per layer: kernels, ops, arithmetic, surfaces, copies between them. */
export function derivedTable(): string {
  const rows = (["static", "dynamic"] as const).flatMap((pipeline) => {
    const { attention, ffn } = derivedLlama(STORIES110M, pipeline);
    const halves = [attention, ffn];
    const derived = halves.flatMap(({ forward, backward }) => [forward, ...backward]);
    const hand: Kernel[] =
      pipeline === "static"
        ? Object.values({ ...llamaKernels(STORIES110M) })
        : Object.values({ ...dynamicKernels(STORIES110M) });
    return [
      row(`${pipeline}, hand-written`, hand, COPIED[pipeline]),
      row(
        `${pipeline}, derived`,
        derived,
        halves.reduce((sum, half) => sum + copied(half), 0),
      ),
    ];
  });
  const header = [
    "per layer",
    "dispatches",
    "ops",
    "GFLOP",
    "surfaces read, MB",
    "written, MB",
    "copied, MB",
  ];
  return aligned([header, ...rows]);
}

const { dim: D, hiddenDim: F, heads: H, seqLen: S } = STORIES110M;
/** Bytes that the trainer copies between the hand-written kernels: static-*.ts and dynamic-*.ts. */
const COPIED = {
  static: 2 * S * (2 * F + 3 * D + (2 * H * S + 2 * D) + 3 * D),
  dynamic: 2 * S * (2 * F + 3 * D),
};

function copied({ transfers, backward }: TrainingKernels): number {
  return transfers.reduce((sum, { to }) => {
    const { shape } = backward[to.kernel as number]!.inputs[to.slot]!;
    return sum + 2 * shape.reduce((a, b) => a * b, 1);
  }, 0);
}

function row(name: string, kernels: readonly Kernel[], copiedBytes: number): string[] {
  const sum = (amount: (kernel: Kernel) => number) =>
    kernels.reduce((total, kernel) => total + amount(kernel), 0);
  const bytes = (side: "inputs" | "outputs") =>
    sum(({ program }) =>
      program.functions[0]![side].reduce(
        (total, value) => total + byteSize(staticTypeOf(value)),
        0,
      ),
    );
  const ops = sum(
    ({ program }) => program.functions[0]!.operations.filter(({ type }) => type !== "const").length,
  );
  const megabytes = (count: number) => (count / 1e6).toFixed(2);
  return [
    name,
    String(kernels.length),
    String(ops),
    (sum(kernelFlops) / 1e9).toFixed(2),
    megabytes(bytes("inputs")),
    megabytes(bytes("outputs")),
    megabytes(copiedBytes),
  ];
}

/** The page with its generated parts as they are now. */
export function derivedPage(page: string): string {
  const parts = { table: derivedTable(), plan: `\`\`\`text\n${derivedPlan()}\n\`\`\`` };
  return Object.entries(parts).reduce((text, [name, content]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < 0) throw new Error(`docs/derive.md: the markers of ${name} are missing`);
    return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
  }, page);
}
